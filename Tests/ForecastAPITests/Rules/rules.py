# Copyright 2026 The Almanac authors
# SPDX-License-Identifier: Apache-2.0
"""Evaluates the rules of CRDs (`x-kubernetes-validations`) on objects with the CEL of its authors.

    rules.py FOLDER OBJECTS

OBJECTS is a file of JSON: a list of {"crd": plural, "object": ..., "old": ... or null}, defaults filled in. Prints JSON:
every rule with its place; what does not compile, with `self` of the type that the schema declares; and by object the rules
that it breaks. As on a server, a rule that fails to be evaluated counts as broken, and one that looks at `oldSelf` holds
where nothing was there before.
"""

import datetime
import json
import pathlib
import sys

import yaml
from cel_expr_python import cel
from google.protobuf import descriptor_pb2, descriptor_pool, struct_pb2, timestamp_pb2

FIELD = descriptor_pb2.FieldDescriptorProto
SCALARS = {
    "boolean": (FIELD.TYPE_BOOL, cel.Type.BOOL),
    "integer": (FIELD.TYPE_INT64, cel.Type.INT),
    "number": (FIELD.TYPE_DOUBLE, cel.Type.DOUBLE),
    "string": (FIELD.TYPE_STRING, cel.Type.STRING),
}

# What a rule may read of an object's metadata, whatever the schema says.
METADATA = {"name": {"type": "string"}, "generateName": {"type": "string"}}


class Types:
    """The types of a schema: a message for each object with fields, so that a name or a type that is wrong is found."""

    def __init__(self, schema):
        self.file = descriptor_pb2.FileDescriptorProto(name="schema.proto", package="schema", syntax="proto3")
        self.file.dependency.extend([timestamp_pb2.DESCRIPTOR.name, struct_pb2.DESCRIPTOR.name])
        self.types = {}
        self.declare(schema, "")
        self.pool = descriptor_pool.DescriptorPool()
        for file in (timestamp_pb2.DESCRIPTOR, struct_pb2.DESCRIPTOR):
            self.pool.AddSerializedFile(file.serialized_pb)
        self.pool.Add(self.file)

    def declare(self, schema, place):
        """Returns (kind of field, name of its message, type in CEL), and notes the type of the place."""
        kind, name, type_ = self.declared(schema, place)
        self.types[place] = type_
        return kind, name, type_

    def declared(self, schema, place):
        if schema.get("x-kubernetes-int-or-string"):
            return FIELD.TYPE_MESSAGE, "google.protobuf.Value", cel.Type.DYN
        if schema.get("format") == "date-time":
            return FIELD.TYPE_MESSAGE, "google.protobuf.Timestamp", cel.Type.TIMESTAMP
        if schema["type"] == "array":
            return None, None, cel.Type.List(self.declare(schema["items"], place + "[]")[2])
        if "additionalProperties" in schema:
            return None, None, cel.Type.Map(cel.Type.STRING, self.declare(schema["additionalProperties"], place + "{}")[2])
        if schema["type"] != "object":
            kind, type_ = SCALARS[schema["type"]]
            return kind, None, type_
        name = f"Object{len(self.file.message_type)}"
        message = self.file.message_type.add(name=name)
        fields = METADATA if place == ".metadata" else schema.get("properties", {})
        for number, (key, field) in enumerate(fields.items(), 1):
            self.add(message, f"schema.{name}", key, number, field, f"{place}.{key}")
        return FIELD.TYPE_MESSAGE, f"schema.{name}", cel.Type(f"schema.{name}")

    def add(self, message, name, key, number, schema, place):
        label, (kind, type_name, _) = FIELD.LABEL_OPTIONAL, self.declare(schema, place)
        if "items" in schema:
            label, (kind, type_name, _) = FIELD.LABEL_REPEATED, self.declare(schema["items"], place + "[]")
        elif "additionalProperties" in schema:
            # The name that a map's entries must have.
            entries = f"{key[0].upper()}{key[1:]}Entry"
            entry = message.nested_type.add(name=entries)
            entry.options.map_entry = True
            entry.field.add(name="key", number=1, type=FIELD.TYPE_STRING, label=FIELD.LABEL_OPTIONAL)
            self.add(entry, f"{name}.{entries}", "value", 2, schema["additionalProperties"], place + "{}")
            label, kind, type_name = FIELD.LABEL_REPEATED, FIELD.TYPE_MESSAGE, f"{name}.{entries}"
        message.field.add(name=key, number=number, type=kind, label=label, type_name=type_name and f".{type_name}")


def value(schema, plain):
    """A value with the types that a server gives it: numbers are doubles, times are timestamps."""
    if schema.get("format") == "date-time":
        return datetime.datetime.fromisoformat(plain.replace("Z", "+00:00"))
    if isinstance(plain, list):
        return [value(schema["items"], each) for each in plain]
    if isinstance(plain, dict):
        fields = schema.get("properties", {})
        others = schema.get("additionalProperties")
        return {
            key: value(fields.get(key) or others, each) if fields.get(key) or others else each
            for key, each in plain.items()
        }
    return float(plain) if schema.get("type") == "number" else plain


class Rules:
    """The rules of a CRD."""

    def __init__(self, path):
        crd = yaml.safe_load(path.read_text())
        self.schema = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
        self.types = Types(self.schema)
        self.compiled, self.faults = {}, []
        dynamic = {"self": cel.Type.DYN, "oldSelf": cel.Type.DYN}
        self.environment = cel.NewEnv(variables=dynamic)
        self.compile(self.schema, "")

    def compile(self, schema, place):
        for rule in schema.get("x-kubernetes-validations", []):
            text, type_ = rule["rule"], self.types.types[place]
            try:
                environment = cel.NewEnv(self.types.pool, variables={"self": type_, "oldSelf": type_})
                result = environment.compile(text).return_type().name()
                if result != cel.Type.BOOL.name():
                    raise ValueError(f"gives {result}, not a boolean")
                self.compiled[place, text] = self.environment.compile(text)
            except Exception as error:
                self.faults.append(f"{place}: {text}: {error}")
        for key, field in schema.get("properties", {}).items():
            self.compile(field, f"{place}.{key}")
        for key, sign in (("items", "[]"), ("additionalProperties", "{}")):
            if key in schema:
                self.compile(schema[key], place + sign)

    def broken(self, schema, place, plain, old):
        """(place, rule) of each rule that a value and those within it break."""
        for rule in schema.get("x-kubernetes-validations", []):
            if ("oldSelf" not in rule["rule"] or old is not None) and not self.holds(schema, place, rule, plain, old):
                yield [place, rule["rule"]]
        if isinstance(plain, dict):
            for key, each in plain.items():
                field = schema.get("properties", {}).get(key)
                sign = f".{key}" if field else "{}"
                if field := field or schema.get("additionalProperties"):
                    yield from self.broken(field, place + sign, each, old.get(key) if old else None)
        if isinstance(plain, list):
            for each in plain:
                yield from self.broken(schema["items"], place + "[]", each, None)

    def holds(self, schema, place, rule, plain, old):
        expression = self.compiled.get((place, rule["rule"]))
        data = {"self": value(schema, plain), "oldSelf": None if old is None else value(schema, old)}
        return expression is not None and expression.eval(data=data).plain_value() is True


def main():
    folder, objects = pathlib.Path(sys.argv[1]), json.loads(pathlib.Path(sys.argv[2]).read_text())
    crds = {path.stem: Rules(path) for path in sorted(folder.glob("*.yaml"))}
    found = {
        "rules": [[name, place, text] for name, crd in crds.items() for place, text in crd.compiled],
        "faults": [f"{name}{fault}" for name, crd in crds.items() for fault in crd.faults],
        "broken": [],
    }
    for each in objects:
        crd = crds[each["crd"]]
        found["broken"].append(list(crd.broken(crd.schema, "", each["object"], each.get("old"))))
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
