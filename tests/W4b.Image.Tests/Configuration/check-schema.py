# Checks YAML files by a JSON Schema as an editor would: SCHEMA FILE... prints a line for each finding, FILE: PATH: MESSAGE.
import json
import sys

import jsonschema
import yaml

with open(sys.argv[1]) as file:
    schema = json.load(file)
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
# Of YAML's tags the configuration knows one.
yaml.SafeLoader.add_constructor("!append", lambda loader, node: loader.construct_sequence(node))
for path in sys.argv[2:]:
    with open(path) as file:
        for error in validator.iter_errors(yaml.safe_load(file)):
            print(f"{path}: {error.json_path}: {error.message}")
