"""What the command line of AWS calls the service of a host. Looked at only when a request goes to AWS."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_NAMES: Final = """
a2i-runtime.sagemaker=sagemaker-a2i-runtime access-analyzer=accessanalyzer aco-automation=compute-optimizer-automation
admin.wickr=wickr agreement-marketplace=marketplace-agreement aidevops=devops-agent airflow=mwaa
airflow-serverless=mwaa-serverless aoss=opensearchserverless api.detective=detective api.ecr=ecr
api.ecr-public=ecr-public api.iotdeviceadvisor=iotdeviceadvisor api.iotmanagedintegrations=iot-managed-integrations
api.iotwireless=iotwireless api.mediatailor=mediatailor api.sagemaker=sagemaker api.tunneling.iot=iotsecuretunneling
app-integrations=appintegrations application-cost-profiler=applicationcostprofiler
applicationinsights=application-insights appstream2=appstream aps=amp backup-search=backupsearch cases=connectcases
cassandra=keyspaces catalog.marketplace=marketplace-catalog cleanrooms-ml=cleanroomsml cloudcontrolapi=cloudcontrol
cloudwatch-omni=cloudwatchomni codedeploy=deploy codeguru-profiler=codeguruprofiler config=configservice
connect-campaigns=connectcampaignsv2 controlplane.payment-cryptography=payment-cryptography data-ats.iot=iot-data
data.mediastore=mediastore-data data.qapps=qapps deployment-marketplace=marketplace-deployment elasticfilesystem=efs
elasticloadbalancing=elbv2 elasticmapreduce=emr elemental-inference=elementalinference email=sesv2
end-user-messaging=endusermessaging es=opensearch eventsv2=eventbridgev2 execute-api=apigatewaymanagementapi
featurestore-runtime.sagemaker=sagemaker-featurestore-runtime geo=location greengrass=greengrassv2
health-agent=connecthealth identity-chime=chime-sdk-identity ingest.timestream=timestream-write
ivsrealtime=ivs-realtime kinesisanalytics=kinesisanalyticsv2 launchwizard=launch-wizard mail-manager=mailmanager
media-pipelines-chime=chime-sdk-media-pipelines meetings-chime=chime-sdk-meetings memory-db=memorydb
messaging-chime=chime-sdk-messaging migrationhub-orchestrator=migrationhuborchestrator
migrationhub-strategy=migrationhubstrategy models-v2-lex=lexv2-models models.lex=lex-models monitoring=cloudwatch
mturk-requester=mturk neptune-db=neptunedata notifications-contacts=notificationscontacts osm=opensearchmemory
participant.connect=connectparticipant partnercentral-prm=partnercentral-revenue-measurement
pricingplanmanager=pricing-plan-manager profile=customer-profiles query.timestream=timestream-query
refactor-spaces=migration-hub-refactor-spaces runtime-v2-lex=lexv2-runtime runtime.lex=lex-runtime s3=s3api
s3-control=s3control s3-outposts=s3outposts scn=supplychain servicequotas=service-quotas
sms-voice=pinpoint-sms-voice-v2 sms-voice.pinpoint=pinpoint-sms-voice social-messaging=socialmessaging sso=sso-admin
states=stepfunctions supportapp=support-app tagging=resourcegroupstaggingapi tax=taxsettings
thinclient=workspaces-thin-client voice-chime=chime-sdk-voice voiceid=voice-id
"""

#: first part of the host → service, where these differ
SERVICES: Final = dict(pair.split("=") for pair in _NAMES.split())
