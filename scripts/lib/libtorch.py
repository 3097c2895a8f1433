#!/usr/bin/python3
"""Lays LibTorch out of the wheels named in libtorch.wheels. Called by scripts/bootstrap; needs curl.

The cache folder afterwards:
  torch-2.11.0/torch/{include,lib}, torch-2.11.0/nvidia/*/lib   as site-packages has them, so that the
                                                                wheels' own RPATH holds
  torch-2.11.0/SET.stamp    written last: the set is complete and came from exactly these wheels
  downloads/                parts of interrupted downloads, resumed by the next run
"""
import argparse
import fcntl
import fnmatch
import hashlib
import html.parser
import os
import shutil
import subprocess
import sys
import time
import urllib.parse
import zipfile
from dataclasses import dataclass
from pathlib import Path

LAYOUT = "torch-2.11.0"


class Fault(Exception):
    """What went wrong, and what to do next."""


def say(text):
    print(f"bootstrap: {text}", file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Wheel:
    set: str
    package: str
    file: str
    bytes: int
    sha256: str
    keep: tuple


def read_manifest(path):
    rows = [line.split() for line in path.read_text().splitlines() if line and not line.startswith("#")]
    return [Wheel(s, p, f, int(n), h, tuple(k.split(","))) for s, p, f, n, h, k in rows]


# --- The package index -------------------------------------------------------------------------------

def pip_setting(name):
    """A setting as pip itself resolves it from its environment variables and files, or ''."""
    from_environment = os.environ.get("PIP_" + name.upper().replace("-", "_"))
    if from_environment:
        return from_environment
    for section in ("install", "global"):
        asked = subprocess.run([sys.executable, "-m", "pip", "config", "get", f"{section}.{name}"],
                               capture_output=True, text=True)
        if asked.returncode == 0:
            return asked.stdout.strip()
    return ""


def index_url():
    configured = pip_setting("index-url")
    if configured:
        return configured.rstrip("/")
    try:
        from pip._internal.models.index import PyPI  # the only place where pip says its default
        return PyPI.simple_url.rstrip("/")
    except ImportError:
        raise Fault("pip is not installed, so its package index is unknown\n"
                    "install python3-pip, or set PIP_INDEX_URL") from None


def curl(arguments, **options):
    certificates = pip_setting("cert")
    return subprocess.run(["curl", "--fail", "--location", "--show-error", "--retry", "5", "--retry-connrefused",
                           "--connect-timeout", "30", *(["--cacert", certificates] if certificates else []),
                           *arguments], **options)


class Links(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        if tag == "a":
            self.found.append(dict(attributes).get("href") or "")


def wheel_url(index, wheel):
    """Where the index keeps the file (the "simple" API, PEP 503: a page of links)."""
    page = f"{index}/{wheel.package}/"
    answer = curl(["--silent", "--header", "Accept: text/html", page], stdout=subprocess.PIPE)
    if answer.returncode != 0:
        raise Fault(f"the package index does not answer for {wheel.package} (curl ended with {answer.returncode})\n"
                    "check the network, or name another index with PIP_INDEX_URL")
    links = Links()
    links.feed(answer.stdout.decode(errors="replace"))
    for link in links.found:
        url = urllib.parse.urldefrag(urllib.parse.urljoin(page, link)).url
        if urllib.parse.unquote(url.rsplit("/", 1)[-1]) == wheel.file:
            return url
    raise Fault(f"the package index does not have {wheel.file}\nname another index with PIP_INDEX_URL")


# --- Download ----------------------------------------------------------------------------------------

def is_intact(path, wheel):
    if path.stat().st_size != wheel.bytes:
        return False
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest() == wheel.sha256


def download(index, wheel, folder):
    """The verified wheel in `folder`. A part left by an interrupted download is continued."""
    path = folder / wheel.file
    if path.exists() and is_intact(path, wheel):
        return path
    part = folder / (wheel.file + ".part")
    have = part.stat().st_size if part.exists() else 0
    if have > wheel.bytes:
        part.unlink()
        have = 0
    if have < wheel.bytes:
        megabytes = f"{wheel.bytes / 1e6:.0f} MB"
        say(f"downloading {wheel.file} ({megabytes}{f', {have / 1e6:.0f} MB are here' if have else ''})")
        progress = "--progress-bar" if sys.stderr.isatty() else "--silent"
        got = curl([progress, "--continue-at", "-", "--output", part, wheel_url(index, wheel)])
        if got.returncode != 0:
            raise Fault(f"the download of {wheel.file} broke off (curl ended with {got.returncode})\n"
                        "run scripts/bootstrap again: it goes on where this one stopped")
    if not is_intact(part, wheel):
        part.unlink()
        raise Fault(f"{wheel.file} has not the size or SHA-256 that scripts/lib/libtorch.wheels names; it was removed\n"
                    "run scripts/bootstrap again; if it repeats, the package index serves another file")
    part.rename(path)
    return path


# --- Layout ------------------------------------------------------------------------------------------

def unpack(archive, wheel, folder):
    """Writes the kept members below `folder`, with the time stamps of the wheel: builds depend on them."""
    kept = 0
    with zipfile.ZipFile(archive) as wheel_file:
        for member in wheel_file.infolist():
            if member.is_dir() or not any(fnmatch.fnmatchcase(member.filename, glob) for glob in wheel.keep):
                continue
            path = wheel_file.extract(member, folder)
            written = time.mktime((*member.date_time, 0, 0, -1))
            os.utime(path, (written, written))
            kept += 1
    if not kept:
        raise Fault(f"nothing in {wheel.file} is named {', '.join(wheel.keep)}")


def publish(staged, root, stamp):
    """Makes `staged` a part of `root`. Only a root without the stamp can be seen half done."""
    os.sync()
    if stamp.name == "cpu.stamp":  # the base: a new root takes the place of whatever was there
        old = root.with_name(root.name + ".old")
        shutil.rmtree(old, ignore_errors=True)
        if root.exists():
            root.rename(old)
        staged.rename(root)
        shutil.rmtree(old, ignore_errors=True)
        return
    for path in sorted(path for path in staged.rglob("*") if path.is_file() and path.name != stamp.name):
        target = root / path.relative_to(staged)
        target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)
    (staged / stamp.name).replace(stamp)


def ensure(wheels, cache):
    """Completes one set and gives the wheels that it downloaded. The caller holds the lock."""
    set_name = wheels[0].set
    root, staged, downloads = cache / LAYOUT, cache / (LAYOUT + ".unpacking"), cache / "downloads"
    stamp = root / f"{set_name}.stamp"
    identity = "".join(f"{wheel.sha256} {','.join(wheel.keep)}\n" for wheel in wheels)
    if stamp.exists() and stamp.read_text() == identity:
        say(f"LibTorch ({set_name}) is complete in {root}")
        return []
    downloads.mkdir(parents=True, exist_ok=True)
    need = sum(wheel.bytes for wheel in wheels) * 3  # the wheels, and what they unpack to
    free = shutil.disk_usage(cache).free
    if free < need:
        raise Fault(f"{cache} has {free / 1e9:.1f} GB free, LibTorch ({set_name}) takes up to {need / 1e9:.1f} GB\n"
                    "make room, or name another folder with --cache")
    index = index_url()
    archives = [download(index, wheel, downloads) for wheel in wheels]
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir()
    for archive, wheel in zip(archives, wheels):
        say(f"unpacking {wheel.file}")
        unpack(archive, wheel, staged)
    (staged / stamp.name).write_text(identity)
    publish(staged, root, stamp)
    shutil.rmtree(staged, ignore_errors=True)
    say(f"LibTorch ({set_name}) is now in {root}")
    return archives


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--cuda", action="store_true")
    parser.add_argument("--cuda-link", action="store_true")
    parser.add_argument("--keep-downloads", action="store_true")
    arguments = parser.parse_args()
    manifest = read_manifest(Path(__file__).with_name("libtorch.wheels"))
    arguments.cache.mkdir(parents=True, exist_ok=True)
    with (arguments.cache / "bootstrap.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another bootstrap that uses this cache")
            fcntl.flock(lock, fcntl.LOCK_EX)
        sets = ["cpu", *(["link"] if arguments.cuda or arguments.cuda_link else []), *(["cuda"] if arguments.cuda else [])]
        archives = set()  # the torch wheel is in all three sets: downloaded once
        for name in sets:
            archives.update(ensure([wheel for wheel in manifest if wheel.set == name], arguments.cache))
        if not arguments.keep_downloads:
            for archive in archives:
                archive.unlink()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        say("interrupted; run it again to go on")
        sys.exit(130)
    except (Fault, OSError) as fault:
        say(fault)
        sys.exit(1)
