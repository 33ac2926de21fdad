//! What gateways say instead of messages.

use qwatch::wire::FaultKind::{
    self, Address, ApiKey, Between, Credentials, Gateway, Mapping, Quota, Request, Sqs, Throttled,
    Unrecognised,
};
use qwatch::wire::Remedy::{self, BackOff, Stop};

/// Everything a gateway, or SQS behind it, is known to say instead of messages: status, headers, body, and what it is.
pub type Said = (u16, &'static str, &'static str, (FaultKind, Remedy), Option<&'static str>, &'static str);

#[rustfmt::skip]
pub const SAID: &[Said] = &[
    (403, "", r#"{"message":"Missing Authentication Token"}"#, (Address, Stop), None, "Missing Authentication Token"),
    (403, "x-amzn-ErrorType: MissingAuthenticationTokenException\r\n", "", (Address, Stop), Some("MissingAuthenticationTokenException"), "Missing"),
    (403, "", r#"{"message":"Forbidden"}"#, (ApiKey, Stop), None, "Forbidden"),
    (403, "", r#"{"Message":"User: anonymous is not authorized to perform: execute-api:Invoke on resource: arn:aws:x"}"#, (Credentials, Stop), None, "not authorized to perform: execute-api:Invoke"),
    (403, "x-amzn-ErrorType: UnrecognizedClientException\r\n", r#"{"message":"The security token included in the request is invalid."}"#, (Credentials, Stop), Some("UnrecognizedClientException"), "security token"),
    (403, "x-amzn-ErrorType: InvalidSignatureException\r\n", r#"{"message":"Signature expired: 20260301T120000Z is now earlier than 20260301T121000Z"}"#, (Credentials, Stop), Some("InvalidSignatureException"), "Signature expired"),
    (401, "", r#"{"message":"Unauthorized"}"#, (Credentials, Stop), None, "Unauthorized"),
    (401, "", r#"{"message":null}"#, (Credentials, Stop), None, "unauthorized"),
    (429, "Retry-After: 7\r\n", r#"{"message":"Too Many Requests"}"#, (Throttled, BackOff), None, "Too Many Requests"),
    (429, "", r#"{"message":"Limit Exceeded"}"#, (Quota, Stop), None, "Limit Exceeded"),
    (404, "", r#"{"message":"Not Found"}"#, (Address, Stop), None, "Not Found"),
    (404, "", r#"{"message":"The API id 'x' does not correspond to a deployed API Gateway API"}"#, (Address, Stop), None, "does not correspond"),
    (413, "", r#"{"message":"Request Too Long"}"#, (Request, Stop), None, "Request Too Long"),
    (415, "", r#"{"message":"Unsupported Media Type"}"#, (Request, Stop), None, "Unsupported Media Type"),
    (500, "", r#"{"message":"Internal server error"}"#, (Gateway, BackOff), None, "Internal server error"),
    (502, "", r#"{"message":"Bad Gateway"}"#, (Gateway, BackOff), None, "Bad Gateway"),
    (503, "", r#"{"message":"Service Unavailable"}"#, (Gateway, BackOff), None, "Service Unavailable"),
    (504, "", r#"{"message": "Endpoint request timed out"}"#, (Gateway, BackOff), None, "Endpoint request timed out"),
    (200, "", r#"{"Error":{"Code":"AWS.SimpleQueueService.NonExistentQueue","Message":"The specified queue does not exist.","Type":"Sender"},"RequestId":"r"}"#, (Sqs, Stop), Some("AWS.SimpleQueueService.NonExistentQueue"), "does not exist"),
    (400, "", r#"{"ErrorResponse":{"Error":{"Code":"AccessDenied","Message":"Access to the resource is denied.","Type":"Sender"},"RequestId":"r"}}"#, (Sqs, Stop), Some("AccessDenied"), "denied"),
    (200, "", "<ErrorResponse><Error><Type>Sender</Type><Code>InvalidParameterValue</Code><Message>Value 11 is invalid</Message></Error><RequestId>r</RequestId></ErrorResponse>", (Sqs, Stop), Some("InvalidParameterValue"), "Value 11"),
    (400, "", r#"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"The specified queue does not exist."}"#, (Sqs, Stop), Some("QueueDoesNotExist"), "does not exist"),
    (200, "", r#"{"Error":{"Code":"RequestThrottled","Message":"slow down","Type":"Sender"},"RequestId":"r"}"#, (Sqs, BackOff), Some("RequestThrottled"), "slow down"),
    (503, "", r#"{"Error":{"Code":"ServiceUnavailable","Message":"later","Type":"Receiver"},"RequestId":"r"}"#, (Sqs, BackOff), Some("ServiceUnavailable"), "later"),
    (200, "", r#"{"Error":{"Code":"InternalError","Message":"oops","Type":"Receiver"},"RequestId":"r"}"#, (Sqs, BackOff), Some("InternalError"), "oops"),
    (400, "", r#"{"Error":{"Code":"KMS.ThrottlingException","Message":"keys","Type":"Sender"},"RequestId":"r"}"#, (Sqs, BackOff), Some("KMS.ThrottlingException"), "keys"),
    (400, "", r#"{"Error":{"Code":"KMS.AccessDeniedException","Message":"keys","Type":"Sender"},"RequestId":"r"}"#, (Sqs, Stop), Some("KMS.AccessDeniedException"), "keys"),
    (400, "", r#"{"Error":{"Code":"OverLimit","Message":"120,000 in flight","Type":"Sender"},"RequestId":"r"}"#, (Sqs, BackOff), Some("OverLimit"), "in flight"),
    (400, "", r#"{"Error":{"Code":"InvalidSecurity","Message":"not over plain HTTP","Type":"Sender"},"RequestId":"r"}"#, (Sqs, Stop), Some("InvalidSecurity"), "plain HTTP"),
    (200, "", "<UnknownOperationException/>", (Mapping, Stop), Some("UnknownOperationException"), "UnknownOperationException"),
    (404, "", "<UnknownOperationException/>", (Mapping, Stop), Some("UnknownOperationException"), "UnknownOperationException"),
    (403, "Content-Type: text/html\r\n", "<HTML><HEAD><TITLE>ERROR: blocked</TITLE></HEAD></HTML>", (Between, BackOff), None, "an HTML page"),
    (200, "", "{\"ReceiveMessageResponse\":{\"ReceiveMess", (Between, BackOff), None, "cut short"),
    (200, "", r#"{"items":[{"id":1}]}"#, (Unrecognised, Stop), None, "not ReceiveMessage's answer"),
];
