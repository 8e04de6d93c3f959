# What the tests ask of boto3: boto3-client.py OPERATION [ARGUMENT...]; prints the answer as JSON.
import json
import os
import sys

import boto3
from botocore.config import Config

# Requests are signed by Signature V4 anyway; addresses for others only where it is asked for.
client = boto3.client("s3", config=Config(signature_version="s3v4"))


def make_bucket(bucket):
    client.create_bucket(Bucket=bucket)


def sizes(bucket):
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, PaginationConfig={"PageSize": 3})
    return {item["Key"]: item["Size"] for page in pages for item in page.get("Contents", [])}


def upload(directory, bucket):
    there = sizes(bucket)
    for folder, _, names in os.walk(directory):
        for name in names:
            path = os.path.join(folder, name)
            key = os.path.relpath(path, directory)
            if there.get(key) != os.path.getsize(path):
                client.upload_file(path, bucket, key)


def download(bucket, directory):
    for key in sizes(bucket):
        path = os.path.join(directory, key)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        client.download_file(bucket, key, path)


def list(bucket):
    return [*sizes(bucket).items()]


def empty(bucket):
    keys = [{"Key": key} for key in sizes(bucket)]
    answer = client.delete_objects(Bucket=bucket, Delete={"Objects": keys})
    assert len(answer["Deleted"]) == len(keys), answer


def remove_bucket(bucket):
    client.delete_bucket(Bucket=bucket)


def put(file, bucket, key, content_type, note):
    with open(file, "rb") as body:
        client.put_object(Bucket=bucket, Key=key, Body=body, ContentType=content_type, Metadata={"note": note})


def copy(bucket, source, target):
    # `copy` leaves metadata behind where it copies in parts.
    client.copy_object(Bucket=bucket, Key=target, CopySource={"Bucket": bucket, "Key": source})


def facts(bucket, key):
    head = client.head_object(Bucket=bucket, Key=key)
    return {"contentType": head["ContentType"], "note": head["Metadata"]["note"]}


def presign(bucket, key):
    where = {"Bucket": bucket, "Key": key}
    form = client.generate_presigned_post(bucket, key, Conditions=[["content-length-range", 1, 1000]])
    old = boto3.client("s3").generate_presigned_url("get_object", Params=where)
    assert "AWSAccessKeyId=" in old, old
    return [
        {"method": "GET", "url": old},
        {"method": "GET", "url": client.generate_presigned_url("get_object", Params=where)},
        {"method": "PUT", "url": client.generate_presigned_url("put_object", Params=where)},
        {"method": "POST", **form},
    ]


operation, *arguments = sys.argv[1:]
print(json.dumps(globals()[operation](*arguments)))
