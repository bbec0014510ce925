"""Take the screens in ``tests/terminal/screens`` anew: ``python tests/terminal/record.py``.

They are in the README too.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

from terminal.scenes import SCENES, SCREENS  # noqa: E402
from terminal.sitting import Sitting  # noqa: E402


def main() -> None:
    kept = set()
    for scene in SCENES:
        with Sitting() as at:
            for name, screen in scene(at):
                path = SCREENS / f"{name}.txt"
                path.write_text(f"{screen}\n", encoding="utf-8")
                kept.add(path)
                print(path)
    for path in set(SCREENS.glob("*.txt")) - kept:
        path.unlink()


if __name__ == "__main__":
    main()
