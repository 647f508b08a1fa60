# Prints the endpoints of services by the rules of AWS's own SDK for Python, which moto brings along, as JSON.
import itertools
import json
import sys

import botocore.session
from botocore.endpoint_provider import EndpointProvider

services, regions = (text.split(",") for text in sys.argv[1:3])
loader = botocore.session.get_session().get_component("data_loader")
partitions = loader.load_data("partitions")
found = []
for service in services:
    provider = EndpointProvider(loader.load_service_model(service, "endpoint-rule-set-1"), partitions)
    for region, fips, dual in itertools.product(regions, [False, True], [False, True]):
        url = provider.resolve_endpoint(Region=region, UseFIPS=fips, UseDualStack=dual).url
        found.append({"service": service, "region": region, "fips": fips, "dualStack": dual, "url": url})
print(json.dumps(found))
