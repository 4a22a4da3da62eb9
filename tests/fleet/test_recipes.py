"""The recipes of docs/fleet.md: their YAML can be read, and their parts are all units once."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import yaml

from tests.support import pack_on_disk

PAGE = (pack_on_disk.ROOT / "docs/fleet.md").read_text("utf-8")
CODE = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
BLOCKS = [yaml.safe_load(text) for text in CODE]
KINDS: dict[str, Any] = {block["kind"]: block for block in BLOCKS if "kind" in block}


def write_fleet(path: Path) -> None:
    targets = [{"target": f"http://{name}.example/v1", "name": name} for name in "abcde"]
    data = {"targets": targets, "models": ["m", "n"], "packs": ["tiny"]}
    path.write_text(json.dumps(data), "utf-8")


def units_of(words: list[str]) -> list[str]:
    """The units that a documented command runs."""
    line = " ".join(words)
    rest = re.sub(r" --resume| --jobs \d+", "", line).split()  # they have no effect on the list
    result = pack_on_disk.harness(*rest, "--list", "--json")
    assert result.code == 0, result.err
    return [unit["unit"] for unit in json.loads(result.out)]


def test_the_pods_of_an_indexed_job_run_each_unit_once(tiny_pack: Path) -> None:
    fleet = tiny_pack.parent / "fleet.yaml"
    write_fleet(fleet)
    job = KINDS["Job"]["spec"]
    [container] = job["template"]["spec"]["containers"]
    shell, option, script = (str(word) for word in (*container["command"], *container["args"]))
    units = list[str]()
    for index in range(job["completions"]):
        printed = script.replace("harness ", "echo ", 1).replace("/config/fleet.yaml", str(fleet))
        env = {"JOB_COMPLETION_INDEX": str(index)}
        words = subprocess.check_output([f"/bin/{shell}", option, printed], text=True, env=env)
        units += units_of(shlex.split(words))
    assert len(units) > job["completions"]
    assert sorted(units) == sorted(units_of(["fleet", str(fleet)]))
    mounted = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    assert {*mounted} == {volume["name"] for volume in job["template"]["spec"]["volumes"]}
    assert f"--out {mounted['fleet']} " in script
    assert f"fleet {mounted['config']}/fleet.yaml" in script


def test_the_parts_of_ray_jobs_are_all_units(tiny_pack: Path) -> None:
    write_fleet(tiny_pack.parent / "fleet.yaml")
    [command] = re.findall(r"-- harness (fleet .* --shard 1/4)", PAGE)
    words = shlex.split(command.replace("fleet.yaml", str(tiny_pack.parent / "fleet.yaml")))
    parts = [units_of([*words[:-1], f"{number}/4"]) for number in (1, 2, 3, 4)]
    assert len({unit for part in parts for unit in part}) == sum(map(len, parts)) == 10


def test_the_scheduler_of_the_cluster_has_the_port_of_the_documented_address() -> None:
    spec: dict[str, Any] = KINDS["DaskCluster"]["spec"]["scheduler"]
    [address] = re.findall(r"--dask (tcp://conformance-scheduler:\d+)", PAGE)
    [port] = [one for one in spec["service"]["ports"] if one["name"] == "tcp-comm"]
    assert address.endswith(f":{port['port']}")
    names = {one["name"] for one in spec["spec"]["containers"][0]["ports"]}
    assert {one["targetPort"] for one in spec["service"]["ports"]} <= names
