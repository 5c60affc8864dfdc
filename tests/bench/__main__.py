"""The command line: what to run, where its results go."""

import argparse
import datetime
import importlib.metadata
import os
import platform
import sys
from pathlib import Path
from typing import Any, Final

import orjson
import uvloop

from tests.bench.cases import CASES
from tests.bench.figures import Results
from tests.bench.flame import record
from tests.bench.processes import Cores, StartError, compile_servers, divide_cores
from tests.bench.report import as_text, tables
from tests.bench.rounds import Plan, run_case
from tests.bench.soak import soak
from tests.bench.systems import STORES, everything, teach
from tests.bench.wire import WireError

_ROOT: Final = Path(__file__).resolve().parents[2]
_OUT: Final = _ROOT / ".bench"
_BUSY: Final = 0.7
_FULL: Final = Plan(rounds=5, scale=1.0)
_QUICK: Final = Plan(rounds=2, scale=0.4)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description="Measure the sidecar beside its floors."
    )
    parser.add_argument("--quick", action="store_true", help="about a minute; rough figures")
    parser.add_argument(
        "--only", action="append", choices=[*CASES, "soak"], help="this case; may be repeated"
    )
    parser.add_argument("--soak", type=int, metavar="PROMPTS", help="0 = none; default 100,000")
    parser.add_argument(
        "--soak-questions", type=int, default=0, metavar="N",
        help="draw the soak's prompts from N questions by Zipf's law; default: none comes twice",
    )  # fmt: skip
    parser.add_argument(
        "--store", action="append", choices=[*STORES, "none"], help="a sidecar with this store"
    )
    parser.add_argument(
        "--flag", action="append", default=[], help="one more word for the sidecar's command line"
    )
    parser.add_argument("--profile", action="store_true", help="no figures: py-spy's flame graphs")
    parser.add_argument("--write-docs", action="store_true", help="tables into docs/performance.md")
    return parser.parse_args()


def _machine(plan: Plan) -> dict[str, Any]:
    cpus = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.split(":", 1)[1].strip() for line in cpus if line.startswith("model name")]
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "cpu": names[0] if names else platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "kernel": platform.release(),
        "load": os.getloadavg()[0],
        "rounds": plan.rounds,
        "versions": {
            "Python": platform.python_version(),
            **{name: importlib.metadata.version(name) for name in ("aiohttp", "uvloop", "redis")},
        },
    }


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


async def _run(options: argparse.Namespace, plan: Plan, cores: Cores, results: Results) -> None:
    chosen = options.only or [*CASES, "soak"]
    stores = options.store or STORES
    logs = _OUT / "logs"
    measured = [name for name in CASES if name in chosen]
    if measured:
        with everything(cores, logs, options.flag, stores) as systems:
            results.idle = {running.name: running.memory() for running in systems.all}
            known = await teach(systems)
            for name in measured:
                case = CASES[name](systems, known)
                if options.profile:
                    await record(case, _OUT, _say)
                else:
                    await run_case(case, plan, results, _say)
            results.memory = {running.name: running.memory() for running in systems.all}
    prompts = options.soak if options.soak is not None else 5_000 if options.quick else 100_000
    if "soak" in chosen and prompts and "memory" in stores and not options.profile:
        questions = options.soak_questions
        await soak(prompts, cores, logs, options.flag, results, _say, questions)


def main() -> int:
    options = _options()
    plan = _QUICK if options.quick else _FULL
    cores = divide_cores()
    if cores.server == cores.client:
        _say("one core only: client and server share it, the figures mean little")
    results = Results(_machine(plan))
    load = results.machine["load"]
    if load > _BUSY:
        _say(f"the machine is busy (load {load:.1f}): steer by CPU time, not by the clock")
    _OUT.mkdir(exist_ok=True)
    compile_servers()
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {cores.client})
    try:
        uvloop.run(_run(options, plan, cores, results))
    except (StartError, WireError) as error:
        _say(f"stopped: {error}")
        return 1
    finally:
        os.sched_setaffinity(0, before)
    if options.profile:
        return 0
    results.machine["load_after"] = os.getloadavg()[0]
    (_OUT / "results.json").write_bytes(orjson.dumps(results.as_json(), option=orjson.OPT_INDENT_2))
    for table in tables(results):
        _say("\n" + as_text(table))
    if options.write_docs:
        from tests.bench.docs import write_docs  # matplotlib stays out of the client's process

        write_docs(results, _ROOT)
    return 0


if __name__ == "__main__":
    sys.exit(main())
