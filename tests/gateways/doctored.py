"""Makes a REST API whose root GET receives from a queue, in one of the ways that owners build them.

    doctored.py ENDPOINT QUEUE KIND

KIND is public (the public sample's mapping), template (a constant body template, no parameters), no-wait
(WaitTimeSeconds left out), patterns (attributes by a template, SQS's errors kept as 400 and 502) or wrong-queue. Prints the
URL.
"""

import json
import sys

import boto3

ACCESS = {"region_name": "us-east-1", "aws_access_key_id": "test", "aws_secret_access_key": "test"}
NAMES = ["MaxNumberOfMessages", "VisibilityTimeout", "WaitTimeSeconds", "AttributeName", "MessageAttributeName"]
FORM = "'application/x-www-form-urlencoded'"
LISTS = (
    "AttributeName.1=$util.urlEncode($input.params('AttributeName'))"
    "&MessageAttributeName.1=$util.urlEncode($input.params('MessageAttributeName'))"
)


def integration(kind):
    """What is sent to SQS: parameters mapped from the query, and a template."""
    if kind == "template":
        return {}, "Action=ReceiveMessage&AttributeName.1=All&MessageAttributeName.1=All"
    mapped = ["MaxNumberOfMessages", "VisibilityTimeout"]
    if kind != "no-wait":
        mapped.append("WaitTimeSeconds")
    if kind in ("public", "no-wait", "wrong-queue"):
        mapped.append("AttributeName")
    parameters = {f"integration.request.querystring.{name}": f"method.request.querystring.{name}" for name in mapped}
    parameters["integration.request.querystring.Action"] = "'ReceiveMessage'"
    return parameters, LISTS if kind == "patterns" else None


def main():
    endpoint, queue, kind = sys.argv[1:]
    gateway = boto3.client("apigateway", endpoint_url=endpoint, **ACCESS)
    api = gateway.create_rest_api(name=f"{queue}-{kind}")
    place = {"restApiId": api["id"], "resourceId": api["rootResourceId"], "httpMethod": "GET"}
    gateway.put_method(
        **place,
        authorizationType="NONE",
        requestParameters={f"method.request.querystring.{name}": False for name in NAMES},
    )
    parameters, template = integration(kind)
    parameters["integration.request.header.Content-Type"] = FORM
    gateway.put_integration(
        **place,
        type="AWS",
        integrationHttpMethod="POST",
        uri=f"arn:aws:apigateway:us-east-1:sqs:path/000000000000/{queue}",
        credentials="arn:aws:iam::000000000000:role/any",
        requestParameters=parameters,
        requestTemplates={"application/json": template} if template else {},
    )
    patterns = {"200": None}
    if kind == "patterns":
        patterns |= {"400": r"4\d{2}", "502": r"5\d{2}"}
    for status, pattern in patterns.items():
        gateway.put_method_response(**place, statusCode=status)
        selection = {"selectionPattern": pattern} if pattern else {}
        gateway.put_integration_response(**place, statusCode=status, **selection)
    gateway.create_deployment(restApiId=api["id"], stageName="v1")
    json.dump(f"{endpoint}/_aws/execute-api/{api['id']}/v1", sys.stdout)


main()
