"""Consumes a queue as a worker does: receives and deletes until nothing comes any more.

    consume.py ENDPOINT QUEUE...

Prints for each queue how many messages it received and deleted.
"""

import json
import sys

import boto3

EMPTY = 3


def consume(sqs, queue):
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    consumed, empty = 0, 0
    while empty < EMPTY:
        answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1, VisibilityTimeout=30)
        messages = answer.get("Messages", [])
        empty = empty + 1 if not messages else 0
        for message in messages:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            consumed += 1
    return consumed


def main():
    endpoint, *queues = sys.argv[1:]
    sqs = boto3.client(
        "sqs", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
    )
    json.dump([consume(sqs, queue) for queue in queues], sys.stdout)


main()
