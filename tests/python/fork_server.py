"""Starts commands of `profit` as processes that need no import: for drills that start and kill many of them.

Everything is imported and the project is read once. Each line of the input is a JSON list: the arguments, the
environment, and a file for the output; the answer is a line with the number of the process, and one with how it ended
(as `Popen.returncode`).
"""

from __future__ import annotations

import json
import os
import sys


def main() -> None:
    import in_process
    from dbt.cli import main as _dbt  # noqa: F401

    import profit.gates.landing
    import profit.gates.marts
    import profit.running  # noqa: F401
    from profit.cli import main as command

    project = in_process.parsed_project()
    # Each process has it for itself by being forked.
    in_process.parsed_project = lambda _: project
    print("ready", flush=True)
    for line in sys.stdin:
        arguments, environment, output = json.loads(line)
        child = os.fork()
        if not child:
            os.setsid()
            handle = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            for stream in (1, 2):
                os.dup2(handle, stream)
            os.environ.update(environment)
            code = 0
            try:
                with in_process.one_project():
                    command.main(args=arguments, prog_name="profit")
            except SystemExit as ended:
                code = int(ended.code or 0)
            # Not by the end of the interpreter, which would wait for threads that were not forked.
            os._exit(code)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
