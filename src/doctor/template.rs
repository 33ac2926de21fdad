//! The line of a gateway's template that a finding is about.

use crate::source::Endpoint;

/// How a query string reaches SQS.
pub(super) fn forwards(endpoint: &Endpoint, owner: &str, sqs: &str) -> String {
    if endpoint.http_api {
        return format!("RequestParameters: {sqs}: $request.querystring.{owner}");
    }
    format!("RequestParameters: integration.request.querystring.{sqs}: method.request.querystring.{owner}")
}

/// How SQS's errors keep a status of their own.
pub(super) const ERRORS: &str =
    "IntegrationResponses: - { StatusCode: 400, SelectionPattern: '4\\d{2}' }, and the same for 5\\d{2}";

/// How answers are never those of before.
pub(super) const NO_CACHE: &str = "the stage's MethodSettings: CachingEnabled: false";

/// How a body arrives as it was stored.
pub(super) const AS_IT_IS: &str =
    "IntegrationResponses: remove ResponseTemplates, or have it pass $input.body as it is";

/// Which queue is asked.
pub(super) const QUEUE: &str =
    "Integration Uri: arn:aws:apigateway:REGION:sqs:path/ACCOUNT/QUEUE, of the queue that is meant";

/// Whether the gateway may receive.
pub(super) const ROLE: &str = "the integration's role: Effect: Allow, Action: sqs:ReceiveMessage, Resource: the queue's ARN (and kms:Decrypt of its key)";

/// Whether SQS understands the request.
pub(super) const ACTION: &str = "RequestTemplates: application/json: Action=ReceiveMessage, and integration.request.header.Content-Type: \
     '''application/x-www-form-urlencoded'''";
