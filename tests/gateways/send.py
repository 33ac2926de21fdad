"""Makes a queue at an SQS endpoint and sends it the messages on stdin, with boto3, as any producer would.

    send.py ENDPOINT QUEUE < messages.json

Messages are a list of {"body", "attributes": {name: {"data_type", "value"}}}, binary values in base64. Prints the
queue's URL, and for each message the id and the MD5s that SQS answered.
"""

import base64
import json
import sys

import boto3


def typed(attribute):
    kind = attribute["data_type"].split(".")[0]
    if kind == "Binary":
        return {"DataType": attribute["data_type"], "BinaryValue": base64.b64decode(attribute["value"])}
    return {"DataType": attribute["data_type"], "StringValue": attribute["value"]}


def main():
    endpoint, queue = sys.argv[1:]
    sqs = boto3.client(
        "sqs", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
    )
    url = sqs.create_queue(QueueName=queue)["QueueUrl"]
    sent = []
    for message in json.load(sys.stdin):
        attributes = {name: typed(attribute) for name, attribute in message["attributes"].items()}
        answer = sqs.send_message(QueueUrl=url, MessageBody=message["body"], MessageAttributes=attributes)
        sent.append({"id": answer["MessageId"], "md5_of_body": answer["MD5OfMessageBody"]})
    json.dump({"queue_url": url, "sent": sent}, sys.stdout)


main()
