package provider_test

import "testing"

func TestAvailabilityZonesDataSource(t *testing.T) {
	testReads(t,
		data("availability_zones", "all", `state = "available"`, filter("opt-in-status", "opt-in-not-required"))+
			data("availability_zones", "some", `exclude_names = ["us-west-3a"]`, `exclude_zone_ids = ["usw3-az3"]`)+
			data("availability_zones", "one", filter("zone-name", "*c"))+
			data("availability_zones", "virginia", `region = "us-east-1"`)+
			data("availability_zones", "impaired", `state = "impaired"`),
		shows("data.vpclab_availability_zones.all", map[string]string{
			"id": "us-west-3", "names.#": "3", "names.0": "us-west-3a", "names.2": "us-west-3c",
			"zone_ids.0": "usw3-az1", "group_names.#": "1", "group_names.0": "us-west-3-zg-1",
		}),
		shows("data.vpclab_availability_zones.some", map[string]string{"names.#": "1", "names.0": "us-west-3b", "zone_ids.0": "usw3-az2"}),
		shows("data.vpclab_availability_zones.one", map[string]string{"names.#": "1", "names.0": "us-west-3c"}),
		shows("data.vpclab_availability_zones.virginia", map[string]string{"id": "us-east-1", "names.#": "6"}),
		shows("data.vpclab_availability_zones.impaired", map[string]string{"names.#": "0", "zone_ids.#": "0", "group_names.#": "0"}),
	)
}
