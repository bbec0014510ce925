# ruff: noqa: E501  (an operation is not broken)
"""Which operation of AWS a REST call asks for.

Those stand here that take something away, and whose method and path do not say so by themselves.
Looked at only when a request goes to AWS.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from agentguard.programs.aws_services import SERVICES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: A line: first part of the host, then ``METHOD PATH OPERATION`` of each operation (``SERVICE:OPERATION`` where
#: hosts are shared); ``{}`` is one segment, ``{+}`` one and more, ``?key`` and ``?key=value`` a part of the query.
_OPERATIONS: Final = """
a2i-runtime.sagemaker POST /human-loops/stop stop-human-loop
account POST /disableRegion disable-region
aiops POST /investigationGroups/{}/policy put-investigation-group-policy
api.detective POST /graph/members/removal delete-members; POST /graph/removal delete-graph;
  POST /invitation/removal reject-invitation; POST /membership/removal disassociate-membership;
  POST /orgs/disableAdminAccount disable-organization-admin-account
api.iotmanagedintegrations PUT /managed-thing-associations/deregister deregister-account-association
api.iotwireless PATCH /wireless-devices/{}/deregister deregister-wireless-device
api.mediatailor PUT /channel/{}/policy put-channel-policy; PUT /channel/{}/stop stop-channel
apigateway POST /rejectdomainnameaccessassociations reject-domain-name-access-association;
  PUT /v2/portalproducts/{}/sharingpolicy apigatewayv2:put-portal-product-sharing-policy
appfabric POST /appbundles/{}/ingestions/{}/stop stop-ingestion
appflow POST /stop-flow stop-flow; POST /unregister-connector unregister-connector
aps PUT /workspaces/{}/policy put-resource-policy
auditmanager POST /account/deregisterAccount deregister-account;
  POST /account/deregisterOrganizationAdminAccount deregister-organization-admin-account;
  PUT /assessments/{}/batchDisassociateFromAssessmentReport batch-disassociate-assessment-report-evidence;
  PUT /assessments/{}/delegations batch-delete-delegation-by-assessment;
  PUT /assessments/{}/disassociateFromAssessmentReport disassociate-assessment-report-evidence-folder
backup POST /backup-jobs/{} stop-backup-job; PUT /backup-vaults/{}/access-policy put-backup-vault-access-policy;
  POST /backup-vaults/{}/recovery-points/{}/disassociate disassociate-recovery-point
batch POST /v1/deletecomputeenvironment delete-compute-environment;
  POST /v1/deleteconsumableresource delete-consumable-resource; POST /v1/deletejobqueue delete-job-queue;
  POST /v1/deletequotashare delete-quota-share; POST /v1/deleteschedulingpolicy delete-scheduling-policy;
  POST /v1/deleteserviceenvironment delete-service-environment;
  POST /v1/deregisterjobdefinition deregister-job-definition; POST /v1/terminatejob terminate-job;
  POST /v1/terminatejobs terminate-jobs; POST /v1/terminateservicejob terminate-service-job;
  POST /v1/terminateservicejobs terminate-service-jobs
bedrock POST /resource-policy put-resource-policy
bedrock-agent PUT /resourcepolicy/{} put-resource-policy
bedrock-agent-runtime POST /flows/{}/aliases/{}/executions/{}/stop stop-flow-execution
bedrock-agentcore-control PUT /resourcepolicy/{} put-resource-policy
billingconductor PUT /batch-disassociate-resources-from-custom-line-item batch-disassociate-resources-from-custom-line-item;
  POST /disassociate-accounts disassociate-accounts; PUT /disassociate-pricing-rules disassociate-pricing-rules
catalog.marketplace PATCH /CancelChangeSet cancel-change-set; POST /PutResourcePolicy put-resource-policy
chatbot POST /disassociate-from-configuration disassociate-from-configuration
chime POST /accounts/{}/users/{}?operation=disassociate-phone-number disassociate-phone-number-from-user;
  POST /accounts/{}/users/{}?operation=reset-personal-pin reset-personal-pin;
  POST /accounts/{}?operation=disassociate-signin-delegate-groups disassociate-signin-delegate-groups-from-account;
  POST /phone-numbers?operation=batch-delete batch-delete-phone-number
cleanrooms-ml PUT /configured-audience-model/{}/policy put-configured-audience-model-policy;
  PATCH /memberships/{}/trained-models/{} cancel-trained-model
clouddirectory PUT /amazonclouddirectory/2017-01-11/directory delete-directory;
  PUT /amazonclouddirectory/2017-01-11/directory/disable disable-directory;
  PUT /amazonclouddirectory/2017-01-11/index/detach detach-from-index;
  PUT /amazonclouddirectory/2017-01-11/object/detach detach-object;
  PUT /amazonclouddirectory/2017-01-11/policy/detach detach-policy;
  PUT /amazonclouddirectory/2017-01-11/schema delete-schema;
  PUT /amazonclouddirectory/2017-01-11/typedlink/detach detach-typed-link
cloudfront PUT /2020-05-31/distribution-tenant/{}/disassociate-web-acl disassociate-distribution-tenant-web-acl;
  PUT /2020-05-31/distribution/{}/disassociate-web-acl disassociate-distribution-web-acl;
  POST /2020-05-31/put-resource-policy put-resource-policy
codeartifact PUT /v1/domain/permissions/policy put-domain-permissions-policy;
  PUT /v1/repository/permissions/policy put-repository-permissions-policy
codecatalyst PUT /v1/spaces/{}/projects/{}/devEnvironments/{}/stop stop-dev-environment
codestar-notifications POST /unsubscribe unsubscribe
connect POST /analytics-data/instance/{}/association disassociate-analytics-data-set;
  POST /analytics-data/instance/{}/associations batch-disassociate-analytics-data-set;
  POST /contact/delete/{}/{} delete-contact-data; POST /contact/stop stop-contact;
  POST /contact/stop-contact-media-processing stop-contact-media-processing;
  POST /contact/stop-recording stop-contact-recording; POST /contact/stop-streaming stop-contact-streaming;
  POST /disassociate-security-profiles/{} disassociate-security-profiles;
  POST /email-addresses/{}/{}/disassociate-alias disassociate-email-address-alias;
  POST /hours-of-operations/{}/{}/disassociate-hours disassociate-hours-of-operations;
  POST /instance/{}/bot disassociate-bot;
  POST /queues/{}/{}/disassociate-email-addresses disassociate-queue-email-addresses;
  POST /queues/{}/{}/disassociate-quick-connects disassociate-queue-quick-connects;
  POST /routing-profiles/{}/{}/disassociate-queues disassociate-routing-profile-queues;
  POST /scheduling/instances/{}/users/{}/timeoffs/{}/reject connectscheduling:reject-time-off;
  POST /test-cases/{}/{}/{}/stop-execution stop-test-case-execution;
  POST /users/{}/{}/disassociate-proficiencies disassociate-user-proficiencies;
  POST /vocabulary-remove/{}/{} delete-vocabulary; POST /workspaces/{}/{}/disassociate disassociate-workspace
connect-campaigns POST /campaigns/{}/stop connectcampaigns:stop-campaign; POST /v2/campaigns/{}/stop stop-campaign
continuum POST /environments/{}/collectors/disassociate disassociate-collector; PUT /resourcepolicy put-resource-policy
controltower POST /disable-baseline disable-baseline; POST /disable-control disable-control
data.qapps POST /apps.uninstall disassociate-q-app-from-user;
  POST /catalog.disassociateItemRating disassociate-library-item-review
datazone PUT /v2/domains/{}/assets/{}/reject-predictions reject-predictions;
  PATCH /v2/domains/{}/entities/{}/{}/disassociate-governed-terms disassociate-governed-terms;
  PUT /v2/domains/{}/subscription-requests/{}/reject reject-subscription-request
docdb-elastic POST /cluster/{}/stop stop-cluster
drs POST /StopFailback stop-failback; POST /StopReplication stop-replication;
  POST /StopSourceNetworkReplication stop-source-network-replication
ds-data POST /Users/DisableUser disable-user
dsql POST /cluster/{}/policy put-cluster-policy
eks POST /clusters/{}/identity-provider-configs/disassociate disassociate-identity-provider-config
elasticfilesystem POST /2015-02-01/delete-tags/{} delete-tags;
  PUT /2015-02-01/file-systems/{}/backup-policy put-backup-policy;
  PUT /2015-02-01/file-systems/{}/policy put-file-system-policy
elemental-inference POST /v1/feed/{}/disassociate disassociate-feed; PUT /v1/feed/{}/policy put-feed-policy
emr-serverless POST /applications/{}/stop stop-application
entityresolution PUT /policies/{} put-policy
es PUT /2015-01-01/es/ccs/inboundConnection/{}/reject es:reject-inbound-cross-cluster-search-connection;
  POST /2015-01-01/tags-removal es:remove-tags;
  POST /2021-01-01/opensearch/application/{}/detachDataSource detach-data-source;
  PUT /2021-01-01/opensearch/cc/inboundConnection/{}/reject reject-inbound-connection;
  POST /2021-01-01/opensearch/domain/{}/replication/failover failover-replication;
  POST /2021-01-01/opensearch/serviceSoftwareUpdate/rollback rollback-service-software-update;
  POST /2021-01-01/tags-removal remove-tags
gameliftstreams POST /streamgroups/{}/disassociations disassociate-applications
glacier POST /{}/vaults/{}/tags?operation=remove remove-tags-from-vault
greengrass PUT /greengrass/bulk/deployments/{}/$stop greengrass:stop-bulk-deployment;
  POST /greengrass/v2/coreDevices/{}/disassociateClientDevices batch-disassociate-client-device-from-core-device;
  POST /greengrass/v2/deployments/{}/cancel cancel-deployment
guardduty POST /admin/disable disable-organization-admin-account;
  POST /detector/{}/administrator/disassociate disassociate-from-administrator-account;
  POST /detector/{}/master/disassociate disassociate-from-master-account;
  POST /detector/{}/member/disassociate disassociate-members; POST /detector/{}/member/stop stop-monitoring-members
imagebuilder PUT /PutComponentPolicy put-component-policy; PUT /PutContainerRecipePolicy put-container-recipe-policy;
  PUT /PutImagePolicy put-image-policy; PUT /PutImageRecipePolicy put-image-recipe-policy
inspector2 POST /codesecurity/scan-configuration/batch/disassociate batch-disassociate-code-security-scan-configuration;
  POST /delegatedadminaccounts/disable disable-delegated-admin-account; POST /disable disable;
  POST /members/disassociate disassociate-member
iot PUT /billing-groups/removeThingFromBillingGroup remove-thing-from-billing-group;
  PATCH /reject-certificate-transfer/{} reject-certificate-transfer; PATCH /rules/{} replace-topic-rule;
  POST /rules/{}/disable disable-topic-rule; POST /target-policies/{} detach-policy;
  PUT /thing-groups/removeThingFromThingGroup remove-thing-from-thing-group
iotsitewise POST /assets/{}/disassociate disassociate-assets;
  POST /datasets/{}/data-segments/disassociate batch-disassociate-data-segments-from-dataset;
  POST /projects/{}/assets/disassociate batch-disassociate-project-assets;
  POST /timeseries/disassociate/ disassociate-time-series-from-asset-property
ivs POST /StopStream stop-stream
ivsrealtime POST /StopComposition stop-composition; POST /StopParticipantReplication stop-participant-replication
kafka PUT /v1/clusters/{}/client-vpc-connection reject-client-vpc-connection;
  PUT /v1/clusters/{}/policy put-cluster-policy; PUT /v1/clusters/{}/reboot-broker reboot-broker;
  PATCH /v1/clusters/{}/scram-secrets batch-disassociate-scram-secret
lakeformation POST /DeregisterResource deregister-resource; POST /DetachRLSPolicy detach-rls-policy
lambda PUT /2025-03-07/resource-policy/{} lambda-web:put-resource-policy;
  POST /2025-12-01/durable-executions/{}/stop stop-durable-execution;
  PUT /2026-07-09/resource-policy/{} put-resource-policy;
  POST /2026-10-01/runtimes/{}/restore lambda-core:restore-runtime
license-manager-linux-subscriptions POST /subscription/DeregisterSubscriptionProvider deregister-subscription-provider
license-manager-user-subscriptions POST /identity-provider/DeregisterIdentityProvider deregister-identity-provider;
  POST /user/DisassociateUser disassociate-user; POST /user/StopProductSubscription stop-product-subscription
m2 POST /applications/{}/stop stop-application
macie2 POST /administrator/disassociate disassociate-from-administrator-account;
  POST /master/disassociate disassociate-from-master-account; POST /members/disassociate/{} disassociate-member
media-pipelines-chime POST /media-insights-pipelines/{}/voice-tone-analysis-tasks/{}?operation=stop stop-voice-tone-analysis-task
mediaconnect POST /v1/flows/stop/{} stop-flow; POST /v1/routerInput/stop/{} stop-router-input;
  POST /v1/routerOutput/stop/{} stop-router-output
mediaconvert PUT /2017-08-29/policy put-policy
medialive POST /prod/channels/{}/stop stop-channel; POST /prod/inputDevices/{}/reboot reboot-input-device;
  POST /prod/inputDevices/{}/reject reject-input-device-transfer; POST /prod/inputDevices/{}/stop stop-input-device;
  POST /prod/multiplexes/{}/stop stop-multiplex
mediapackagev2 POST /channelGroup/{}/channel/{}/originEndpoint/{}/policy put-origin-endpoint-policy;
  PUT /channelGroup/{}/channel/{}/policy put-channel-policy
meetings-chime POST /meetings/{}/transcription?operation=stop stop-meeting-transcription
mgn POST /DisassociateApplications disassociate-applications;
  POST /DisassociateSourceServers disassociate-source-servers; POST /StopReplication stop-replication
migrationhub-orchestrator POST /migrationworkflow/{}/stop stop-workflow
models-v2-lex PUT /bots/{}/botanalyzer/{}/stop/ stop-bot-analyzer;
  PUT /bots/{}/botversions/{}/botlocales/{}/botrecommendations/{}/stopbotrecommendation stop-bot-recommendation;
  POST /bots/{}/botversions/{}/botlocales/{}/customvocabulary/DEFAULT/batchdelete batch-delete-custom-vocabulary-item
mpa PUT /sessions/{} cancel-session
mq POST /v1/brokers/{}/reboot reboot-broker
neptune-db POST /system execute-fast-reset
neptune-graph PUT /graphs/{} reset-graph; POST /graphs/{}/stop stop-graph
networkmanager POST /attachments/{}/reject reject-attachment;
  POST /core-networks/{}/core-network-policy put-core-network-policy;
  POST /core-networks/{}/core-network-policy-versions/{}/restore restore-core-network-policy-version;
  POST /resource-policy/{} put-resource-policy
notifications PUT /channels/disassociate-managed-notification/{} disassociate-managed-notification-additional-channel;
  POST /channels/disassociate/{} disassociate-channel;
  PUT /contacts/disassociate-managed-notification/{} disassociate-managed-notification-account-contact;
  POST /organizational-units/disassociate/{} disassociate-organizational-unit
oam POST /PutSinkPolicy put-sink-policy
observabilityadmin POST /StopTelemetryEnrichment stop-telemetry-enrichment;
  POST /StopTelemetryEvaluationForOrganization stop-telemetry-evaluation-for-organization;
  POST /StopThirdPartyTelemetryEnrichment stop-third-party-telemetry-enrichment
omics PUT /s3accesspolicy/{} put-s3-access-policy
osis PUT /2022-01-01/osis/resourcePolicy/{} put-resource-policy; PUT /2022-01-01/osis/stopPipeline/{} stop-pipeline
pinpoint PUT /v1/apps/{}/attributes/{} remove-attributes
pipes POST /v1/pipes/{}/stop stop-pipe
pricingplanmanager POST /v1/DisassociateResourcesFromSubscription disassociate-resources-from-subscription
profile PUT /domains/{}/recommenders/{}/stop stop-recommender
ram POST /disassociateresourceshare disassociate-resource-share;
  POST /disassociateresourcesharepermission disassociate-resource-share-permission;
  POST /rejectresourceshareinvitation reject-resource-share-invitation;
  POST /replacepermissionassociations replace-permission-associations
refactor-spaces PUT /resourcepolicy put-resource-policy
repostspace PATCH /spaces/{}/channels/{}/roles batch-remove-channel-role-from-accessors;
  PATCH /spaces/{}/roles batch-remove-role
resiliencehub POST /reject-resource-grouping-recommendations reject-resource-grouping-recommendations
resource-explorer-2 POST /DisassociateDefaultView disassociate-default-view
rolesanywhere POST /crl/{}/disable disable-crl; POST /profile/{}/disable disable-profile;
  PATCH /reset-notifications-settings reset-notification-settings; POST /trustanchor/{}/disable disable-trust-anchor
route53 POST /2013-04-01/hostedzone/{}/deauthorizevpcassociation delete-vpc-association-authorization;
  POST /2013-04-01/hostedzone/{}/disable-dnssec disable-hosted-zone-dnssec;
  POST /2013-04-01/hostedzone/{}/disassociatevpc disassociate-vpc-from-hosted-zone;
  POST /2013-04-01/hostedzone/{}/rrset/ change-resource-record-sets
route53globalresolver PATCH /dns-views/{}/disable disable-dns-view;
  PATCH /firewall-domain-lists/{}/domains/s3_file_url import-firewall-domains
rtbfabric POST /gateway/{}/link/{}/reject reject-link
rum PUT /appmonitor/{}/policy put-resource-policy
s3 PUT ?acl put-bucket-acl; POST ?delete delete-objects; PUT ?encryption put-bucket-encryption;
  PUT ?legal-hold put-object-legal-hold; PUT ?lifecycle put-bucket-lifecycle-configuration;
  PUT ?logging put-bucket-logging; PUT ?object-lock put-object-lock-configuration; PUT ?policy put-bucket-policy;
  PUT ?publicAccessBlock put-public-access-block; PUT ?replication put-bucket-replication;
  PUT ?retention put-object-retention; PUT ?versioning put-bucket-versioning
s3-control PUT /v20180820/accessgrantsinstance/resourcepolicy put-access-grants-instance-resource-policy;
  PUT /v20180820/accesspoint/{}/policy put-access-point-policy;
  PUT /v20180820/accesspointforobjectlambda/{}/policy put-access-point-policy-for-object-lambda;
  POST /v20180820/async-requests/mrap/put-policy put-multi-region-access-point-policy;
  PUT /v20180820/bucket/{}/lifecycleconfiguration put-bucket-lifecycle-configuration;
  PUT /v20180820/bucket/{}/policy put-bucket-policy;
  PUT /v20180820/configuration/publicAccessBlock put-public-access-block
s3files PUT /file-systems/{}/policy put-file-system-policy
s3tables PUT /buckets/{}/policy put-table-bucket-policy; PUT /tables/{}/{}/{}/policy put-table-policy
s3vectors POST /PutVectorBucketPolicy put-vector-bucket-policy
schemas POST /v1/discoverers/id/{}/stop stop-discoverer; PUT /v1/policy put-resource-policy
security-ir POST /v1/cases/{}/close-case close-case; PUT /v1/membership/{} cancel-membership
securityagent POST /BatchDisassociateFindingIssue batch-disassociate-finding-issue
securityhub POST /administrator/disassociate disassociate-from-administrator-account;
  POST /master/disassociate disassociate-from-master-account; POST /members/disassociate disassociate-members;
  POST /organization/admin/disable disable-organization-admin-account
serverlessrepo PUT /applications/{}/policy put-application-policy
ssm-incidents POST /putResourcePolicy put-resource-policy
ssm-sap POST /deregister-application deregister-application; POST /stop-application stop-application
supportauthz PUT /support-permit-requests/{}/reject reject-support-permit-request
synthetics POST /canary/{}/stop stop-canary; PATCH /group/{}/disassociate disassociate-resource
thinclient POST /deregister-device/{} deregister-device
voice-chime POST /phone-numbers?operation=batch-delete batch-delete-phone-number;
  POST /voice-connector-groups/{}?operation=disassociate-phone-numbers disassociate-phone-numbers-from-voice-connector-group;
  POST /voice-connectors/{}/termination/credentials?operation=delete delete-voice-connector-termination-credentials;
  POST /voice-connectors/{}/voice-tone-analysis-tasks/{}?operation=stop stop-voice-tone-analysis-task;
  POST /voice-connectors/{}?operation=disassociate-phone-numbers disassociate-phone-numbers-from-voice-connector
vpc-lattice PUT /authpolicy/{} put-auth-policy; PUT /resourcepolicy/{} put-resource-policy;
  POST /targetgroups/{}/deregistertargets deregister-targets
wellarchitected PATCH /workloads/{}/disassociateLenses disassociate-lenses;
  PATCH /workloads/{}/disassociateProfiles disassociate-profiles
xray POST /PutResourcePolicy put-resource-policy
"""


@cache
def _table() -> dict[str, list[str]]:
    lines = _OPERATIONS.strip().replace(";\n ", ";").splitlines()
    heads = (line.split(" ", 1) for line in lines)
    return {prefix: [entry.strip() for entry in rest.split(";")] for prefix, rest in heads}


def operations(prefix: str, method: str) -> Iterator[tuple[str, str, str]]:
    """Path template, service and operation of every call with this method at a host."""
    for entry in _table().get(prefix, ()):
        verb, template, name = entry.split(" ")
        if verb == method:
            service, _, operation = name.rpartition(":")
            yield template, service or SERVICES.get(prefix, prefix), operation


def prefixes() -> Iterator[str]:
    """The first parts of the hosts that the table knows."""
    yield from _table()
