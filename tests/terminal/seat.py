"""Somebody who looks at a tmux session: ``seat.py TMUX SOCKET ROWS COLUMNS``, in the background.

It stands by itself, so that neither it nor what it starts lies below the process that wanted it. The session ends with
it, whatever becomes of the tests.
"""

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time

LONGEST = 300.0


def main() -> None:
    tmux, socket, rows, columns = sys.argv[1:5]
    if os.fork():
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    pid, master = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", int(rows), int(columns), 0, 0))
        os.execv(tmux, [tmux, "-u", "-S", socket, "attach"])
    try:
        look(master)
    finally:
        subprocess.run([tmux, "-S", socket, "kill-server"], stderr=subprocess.DEVNULL, check=False)


def look(master: int) -> None:
    """Read what is shown until nothing is shown any more."""
    end = time.monotonic() + LONGEST
    while (left := end - time.monotonic()) > 0 and select.select([master], [], [], left)[0]:
        try:
            if not os.read(master, 65536):
                return
        except OSError:
            return


if __name__ == "__main__":
    main()
