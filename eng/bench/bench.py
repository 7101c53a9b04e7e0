"""The numbers of eng/bench.sh: see there."""
import datetime
import hashlib
import json
import os
import pathlib
import platform
import re
import shutil
import statistics
import subprocess
import sys
import threading
import time

REPO = pathlib.Path(__file__).resolve().parents[2]
# Inside the repository, where the SDK is found as by the samples; obj/ is nobody's.
WORK = REPO / "obj" / "bench"
PLAIN = REPO / "eng" / "bench" / "plain-chroot.sh"
BENCHMARKS = REPO / "tests/W4b.Image.Benchmarks/bin/Release/net10.0/W4b.Image.Benchmarks.dll"
SOFTWARE = ["postgresql-17", "postgresql-17-timescaledb", "prometheus-node-exporter", "wireguard-tools", "python3-venv", "python3-pip"]
SAMPLE = REPO / "samples/hive_0Bpfj4cT"
GROUPS = ["configuration", "noop", "memory", "next", "verify", "fleet", "base", "layer"]

numbers, stages, fleets = [], {}, []


def say(text):
    print(text, file=sys.stderr, flush=True)


def report(name, ours, theirs, ratio, goal, met, what):
    """One number. `ours` and `theirs` are texts with their unit; `what` says what the two are."""
    numbers.append({"name": name, "ours": ours, "theirs": theirs, "ratio": ratio, "goal": goal, "met": met, "what": what})
    print(f"{name}: ours {ours}, theirs {theirs}, ratio {ratio}, goal {goal}{'' if met else ' (MISSED)'}", flush=True)


class Run:
    """A command run to its end: seconds, processor seconds of it and its children, peak memory of all its processes together."""

    def __init__(self, *command, cwd=REPO, env=None, memory=False):
        log = WORK / "output.log"
        before, start = os.times(), time.monotonic()
        with open(log, "wb") as output:
            process = subprocess.Popen([str(c) for c in command], cwd=cwd, stdout=output, stderr=subprocess.STDOUT,
                                       stdin=subprocess.DEVNULL, env={**os.environ, **(env or {})})
        self.peak_mib = 0
        watch = threading.Thread(target=self._watch, args=(process.pid,)) if memory else None
        if watch:
            watch.start()
        code = process.wait()
        self.seconds = time.monotonic() - start
        after = os.times()
        self.cpu = after.children_user + after.children_system - before.children_user - before.children_system
        if watch:
            watch.join()
        self.output = log.read_text(errors="replace")
        if code != 0:
            sys.exit(f"{' '.join(map(str, command))} ended with {code}:\n{self.output[-4000:]}")

    # Pages that several processes have count once (PSS). One between its fork and its exec still has its parent's command line, and nothing but its
    # parent's pages; both are not read at the same moment, so it is left out.
    def _watch(self, root):
        while True:
            parents = {}
            for entry in os.listdir("/proc"):
                if entry.isdigit():
                    try:
                        parents[int(entry)] = int(pathlib.Path("/proc", entry, "stat").read_text().rsplit(")", 1)[1].split()[1])
                    except OSError:
                        pass  # it has ended meanwhile
            if root not in parents:
                return
            total = 0
            for pid in parents:
                ancestor = pid
                while ancestor not in (root, 0, 1) and ancestor in parents:
                    ancestor = parents[ancestor]
                if ancestor == root:
                    try:
                        if pid != root and self._command_line(pid) == self._command_line(parents[pid]):
                            continue
                        total += int(re.search(r"^Pss:\s*(\d+)", pathlib.Path("/proc", str(pid), "smaps_rollup").read_text(), re.M).group(1))
                    except (OSError, AttributeError):
                        pass  # the same; a zombie has no pages
            if total == 0:
                return
            self.peak_mib = max(self.peak_mib, total >> 10)
            time.sleep(0.1)

    @staticmethod
    def _command_line(pid):
        return pathlib.Path("/proc", str(pid), "cmdline").read_bytes()


def build(project, *arguments, **options):
    return Run("dotnet", "build", project, "-nologo", *arguments, **options)


def sample_yaml():
    return (SAMPLE / "hive_0Bpfj4cT.yaml").read_text()


def hive(name, packages=None, extra="", hive_id="hive_0Bpfj4cT", script=None):
    """A project like the sample of the README; with other packages, and a layer that nobody else has, when they are given."""
    folder = WORK / name
    shutil.copytree(SAMPLE, folder, ignore=shutil.ignore_patterns("bin", "obj", "*.w4bproj", "*.yaml"))
    yaml = sample_yaml().replace("hive_id: hive_0Bpfj4cT", f"hive_id: {hive_id}")
    if packages:
        yaml = re.sub(r"(?<=  packages:\n)(    - \S+\n)+", "".join(f"    - {p}\n" for p in packages), yaml)
    (folder / "hive.yaml").write_text(yaml + extra)
    items = ""
    if script:
        (folder / "own.sh").write_text(f"#!/bin/sh\n# {script}\n")
        items = '<ItemGroup><W4bScript Include="own.sh" /></ItemGroup>'
    (folder / "hive.w4bproj").write_text(f'<Project Sdk="W4b.Image.Sdk">{items}</Project>\n')
    return folder / "hive.w4bproj"


def stage(project, name):
    time_file = json.loads((project.parent / "obj/log" / f"{name}.time").read_text())
    return {key[0].lower() + key[1:]: value for key, value in time_file.items()}


def timings(project):
    return json.loads(next((project.parent / "bin").glob("*.timings.json")).read_text())


def layer_of(project):
    return pathlib.Path((project.parent / "obj/layer.path").read_text().strip())


def number(text):
    return float(text.split()[0])


def configuration():
    out = Run("dotnet", BENCHMARKS, "configuration", WORK / "configurations").output.split()
    report("configuration of a hive with 200 sensors", f"{float(out[0]):.0f} ms", "-", "-", "under 100 ms", float(out[0]) < 100, "read, checked and written, in the process, once loaded")
    report("configuration of 1,000 hives", f"{float(out[1]):.1f} s", "-", "-", "under 5 s", float(out[1]) < 5, "one after the other; they extend one file")


def noop():
    empty = WORK / "empty" / "empty.csproj"
    empty.parent.mkdir()
    empty.write_text('<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup></Project>')
    project = hive("noop")
    build(empty), build(project)
    # In turn, so that both meet the same load.
    pairs = [(build(project), build(empty)) for _ in range(7)]
    ours, theirs = (statistics.median(run.seconds for run in side) for side in zip(*pairs))
    report("no-op build", f"{ours:.2f} s", f"{theirs:.2f} s", f"{ours - theirs:+.2f} s", "at most 0.6 s more", ours - theirs <= 0.6,
           "dotnet build of a built hive, against that of an empty C# project; medians of 7")


def memory():
    project = hive("memory", extra="image: {size: 4G}\n", script=time.time())
    try:
        first = build(project, memory=True)
        report("memory for an image of 4 GiB", f"{first.peak_mib} MiB", "-", "-", "under 700 MiB", first.peak_mib < 700,
               "the build and all programs that it runs, together, at their peak")
        chroot = stage(project, "ApplyChroot")["started"]
        yaml = project.parent / "hive.yaml"
        yaml.write_text(yaml.read_text().replace("Europe/Berlin", "Pacific/Auckland"))
        second = build(project, "-v:n")
        met = stage(project, "ApplyChroot")["started"] == chroot and "downloading" not in second.output
        report("only the hive's YAML changed", f"{second.seconds:.1f} s", f"{first.seconds:.1f} s", f"{first.seconds / second.seconds:.1f}",
               "no chroot, no download", met, "dotnet build after a change of the time zone, against the first build (base in the cache)")
    finally:
        shutil.rmtree(layer_of(project).parent)


def next_hive():
    """Compression of a whole image, and a hive over a layer that is there."""
    first = hive("first", SOFTWARE, script=time.time())
    try:
        build(first)
        stages["first hive, base in the cache"] = timings(first)["stages"]
        image, archive = next((first.parent / "obj").glob("*.img")), next((first.parent / "bin").glob("*.img.xz"))

        xz = Run("sh", "-c", f"xz -T0 -6 -k -c '{image}' >'{WORK}/xz.xz'")
        full = Run("dotnet", BENCHMARKS, "compress", image, WORK / "ours.xz", "6")
        larger = 100 * ((WORK / "ours.xz").stat().st_size / (WORK / "xz.xz").stat().st_size - 1)
        report("compressing a whole image", f"{full.seconds:.1f} s", f"{xz.seconds:.1f} s", f"{xz.seconds / full.seconds:.2f}", "at least 1.5 times faster",
               xz.seconds / full.seconds >= 1.5, f"level 6, against xz -T0 -6; processor {full.cpu:.1f} s against {xz.cpu:.1f} s")
        report("size of it", f"{(WORK / 'ours.xz').stat().st_size / 1e6:.1f} MB", f"{(WORK / 'xz.xz').stat().st_size / 1e6:.1f} MB", f"{larger:+.1f} %",
               "at most 3 % larger", larger <= 3, "the same two")
        if sha256(WORK / "ours.xz") != sha256(archive):
            sys.exit("The archive made by difference is not the one made from scratch.")

        runs, copies = [], []
        for i in range(5):
            project = hive(f"next{i}", SOFTWARE, hive_id=f"hive_next{i}", script=(first.parent / "own.sh").read_text()[12:].strip())
            runs.append(build(project))
            made = next((project.parent / "bin").glob("*.img.xz"))
            copies.append(Run("sh", "-c", f"cp '{made}' '{WORK}/copy.xz' && sha256sum '{WORK}/copy.xz'"))
            stages["next hive"] = timings(project)["stages"]
            if i < 4:
                shutil.rmtree(project.parent)
        ours, copy = statistics.median(r.seconds for r in runs), statistics.median(r.seconds for r in copies)
        cpu, copy_cpu = statistics.median(r.cpu for r in runs), statistics.median(r.cpu for r in copies)
        report("next hive, against compressing its image in full", f"{ours:.2f} s", f"{full.seconds:.1f} s", f"{full.seconds / ours:.1f}", "at least 40 times faster",
               full.seconds / ours >= 40, f"dotnet build of a new hive, validation included, median of 5; processor {cpu:.1f} s against {full.cpu:.1f} s; xz -T0 -6 takes {xz.seconds / ours:.1f} times as long")
        report("next hive, against copying its .img.xz", f"{ours:.2f} s", f"{copy:.2f} s", f"{ours / copy:.2f}", "at most 4 times longer", ours / copy <= 4,
               f"cp and sha256sum of it, median of 5; processor {cpu:.1f} s against {copy_cpu:.1f} s")
    finally:
        shutil.rmtree(layer_of(first).parent)


def verify():
    project = hive("verify", extra="image: {size: 2G}\n")
    build(project)
    archive = next((project.parent / "bin").glob("*.img.xz"))
    # In turn, so that all meet the same load.
    turns = [(build(project, "-t:VerifyImage"), Run("xz", "-t", "-T0", archive), build(project, "-t:VerifyImage", "-p:W4bVerifyQuick=true")) for _ in range(5)]
    ours, xz, quick = (statistics.median(run.seconds for run in side) for side in zip(*turns))
    report("verifying an image of 2 GiB", f"{ours:.2f} s", f"{xz:.2f} s", f"{ours / xz:.2f}", "at most 1.3", ours / xz <= 1.3,
           "dotnet build -t:VerifyImage, all read and all rules asked, against xz -t -T0; medians of 5")
    report("verifying it quickly", f"{quick:.2f} s", "-", "-", "under 2 s", quick < 2, "dotnet build -t:VerifyImage -p:W4bVerifyQuick=true, median of 5")


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fleet():
    def make(count):
        folder = WORK / f"fleet{count}"
        (folder / "hives").mkdir(parents=True)
        lines = sample_yaml().splitlines(keepends=True)
        # Each has an address and, made by the build, a key of its own.
        (folder / "common.yaml").write_text("".join(l for l in lines if not re.match(r" *(hive_id|private_key|client_ip):", l)))
        for i in range(count):
            (folder / "hives" / f"hive_{i:02}.yaml").write_text(
                f"extends: ../common.yaml\nhive_id: hive_{i:02}\nsecurity: {{vpn: {{client_ip: 10.10.0.{i + 2}/32}}}}\n")
        (folder / "fleet.w4bproj").write_text('<Project Sdk="W4b.Image.Sdk"><ItemGroup><W4bHive Include="hives/*.yaml" /></ItemGroup></Project>\n')
        return folder / "fleet.w4bproj"

    build(make(1))  # the layer, and its archive
    runs = {}
    for count in (10, 50):
        project = make(count)
        begin = time.time()
        run = runs[count] = build(project, memory=True)
        done = sorted(file.stat().st_mtime - begin for file in (project.parent / "bin").glob("*.img.xz"))
        if len(done) != count:
            sys.exit(f"{count} hives were to be built, {len(done)} archives are there.")
        fleets.append({"hives": count, "seconds": run.seconds, "cpu": run.cpu, "peakMiB": run.peak_mib, "done": [round(d, 2) for d in done]})
        shutil.rmtree(project.parent)
    each = {count: run.seconds / count for count, run in runs.items()}
    report("50 hives, time a hive", f"{each[50]:.2f} s", f"{each[10]:.2f} s", f"{each[50] / each[10]:.2f}", "at most 1.10", each[50] / each[10] <= 1.1,
           f"against 10 hives, the layer being there; processor a hive {runs[50].cpu / 50:.1f} s against {runs[10].cpu / 10:.1f} s")
    report("50 hives, memory", f"{runs[50].peak_mib} MiB", f"{runs[10].peak_mib} MiB", f"{runs[50].peak_mib / runs[10].peak_mib:.2f}", "no higher",
           runs[50].peak_mib <= 1.05 * runs[10].peak_mib, "of all processes together, at its peak; 5 % counts as equal")


def plain(*arguments):
    log = WORK / "plain.log"
    with open(log, "wb") as errors:
        made = subprocess.run([PLAIN, *map(str, arguments)], stdout=subprocess.PIPE, stderr=errors, text=True)
    if made.returncode != 0:
        sys.exit(f"{PLAIN.name} {' '.join(map(str, arguments))} ended with {made.returncode}:\n{log.read_text(errors='replace')[-4000:]}")
    out = made.stdout.split()
    return float(out[0]), float(out[1])


def base_packages():
    """Those of the base's recipe."""
    text = (REPO / "src/W4b.Image/Layers/Debian/DebianBase.cs").read_text()
    names = re.findall(r'"([^"]+)"', text[text.index("Packages =\n"):text.index("];")])
    return ",".join(names + ["linux-image-arm64"])


plain_base = WORK / "plain"
base_runs = {}


def plain_debian():
    if "theirs" not in base_runs:
        say("A base by plain mmdebstrap.")
        base_runs["theirs"] = plain("base", plain_base, "trixie", base_packages())
    return base_runs["theirs"]


def base():
    theirs = plain_debian()
    project = hive("base")
    run = build(project, "-t:FetchBaseImage", env={"W4B_CACHE_DIR": str(WORK / "cache")})
    stages["Debian base"] = [stage(project, "FetchBaseImage")]
    report("Debian base", f"{run.cpu:.0f} s of CPU", f"{theirs[1]:.0f} s of CPU", f"{theirs[1] / run.cpu:.1f}", "at least 5 times less", theirs[1] / run.cpu >= 5,
           f"dotnet build -t:FetchBaseImage with nothing in the cache, the twins and the written image included, against mmdebstrap of the same packages, a folder; {run.seconds:.0f} s against {theirs[0]:.0f} s")


def layer():
    project = hive("layer", SOFTWARE)
    # A cache with the bases and packages of the user's, and layers and twins of its own.
    shared = pathlib.Path(os.environ.get("W4B_CACHE_DIR") or pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "w4b")
    build(project, "-t:FetchBaseImage")
    own = WORK / "layer-cache"
    own.mkdir()
    for part in ("base", "locks", "packages"):
        (own / part).symlink_to(shared / part)

    def install(*made_anew):
        for folder in (project.parent / "obj", *(own / part for part in made_anew)):
            shutil.rmtree(folder, ignore_errors=True)
        build(project, "-t:InstallSoftware", env={"W4B_CACHE_DIR": str(own)})
        return stage(project, "ApplyChroot")

    install("layers")  # downloads
    first, again = install("layers", "twins"), install("layers")
    say("The packages in a plain chroot.")
    plain_debian()
    default, a53 = (plain("layer", plain_base / "root", cpu, *SOFTWARE) for cpu in ("default", "cortex-a53"))
    what = "the task ApplyChroot, package lists, locales and clean-up included, debs and twins there, against apt-get install in a plain chroot, package lists and debs there"
    for name, theirs, goal in (("software layer, against plain qemu-user", default, 8), ("software layer, against QEMU_CPU=cortex-a53", a53, 2.5)):
        report(name, f"{again['cpuSeconds']:.0f} s of CPU", f"{theirs[1]:.0f} s of CPU", f"{theirs[1] / again['cpuSeconds']:.1f}", f"at least {goal} times less",
               theirs[1] / again["cpuSeconds"] >= goal, f"{what}; {again['seconds']:.0f} s against {theirs[0]:.0f} s; where the twins are made too ours takes "
               f"{first['cpuSeconds']:.0f} s of CPU, {theirs[1] / first['cpuSeconds']:.1f} times less")


def machine():
    def first(pattern, file):
        return re.search(pattern, pathlib.Path(file).read_text(), re.M).group(1)

    def version(*command):
        return re.search(r"\d+\.[\d.]+\S*", subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout).group()

    return {
        "date": datetime.date.today().isoformat(),
        "commit": subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=REPO, stdout=subprocess.PIPE, text=True).stdout.strip(),
        "cores": os.cpu_count(), "processor": first(r"^model name\s*: (.*)", "/proc/cpuinfo"),
        "memoryGiB": round(int(first(r"^MemTotal:\s*(\d+)", "/proc/meminfo")) / 1048576, 1), "linux": platform.release(),
        "load": os.getloadavg()[0], "fileSystem": subprocess.run(["stat", "-f", "-c", "%T", WORK], stdout=subprocess.PIPE, text=True).stdout.strip(),
        "versions": {".NET": version("dotnet", "--version"), "xz": version("xz", "--version"), "mmdebstrap": version("mmdebstrap", "--version"),
                     "qemu": version("qemu-aarch64-static", "--version"), "e2fsprogs": version("mke2fs", "-V")},
    }


def main(arguments):
    target = None
    if arguments[:1] == ["--json"]:
        target, arguments = pathlib.Path(arguments[1]).absolute(), arguments[2:]
    unknown = [a for a in arguments if a not in GROUPS]
    if unknown:
        sys.exit(f"unknown: {', '.join(unknown)}; there are {', '.join(GROUPS)}")
    if WORK.exists():
        clean()
    WORK.mkdir(parents=True)
    here = machine()
    print(f"Machine: {here['cores']} x {here['processor']}, {here['memoryGiB']} GiB, Linux {here['linux']}, {here['fileSystem']}, load {here['load']:.1f}; "
          + ", ".join(f"{name} {v}" for name, v in here["versions"].items()) + f"; commit {here['commit']}, {here['date']}", flush=True)
    try:
        for group in arguments or GROUPS:
            say(f"== {group}")
            {"next": next_hive}.get(group, globals().get(group))()
    finally:
        clean()
    if target:
        target.write_text(json.dumps({"machine": here, "numbers": numbers, "stages": stages, "fleets": fleets}, indent=1) + "\n")


def clean():
    # The plain base belongs to the namespace's users.
    subprocess.run([PLAIN, "remove", WORK], check=True)
    shutil.rmtree(WORK, ignore_errors=True)


main(sys.argv[1:])
