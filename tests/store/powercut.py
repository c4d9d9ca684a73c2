"""What a disk may hold after a power cut, rebuilt from the system calls of a process.

``record`` runs a process under strace and keeps its calls on one folder, with the "ACK n" lines it printed
among them, in order.  ``images`` walks that record and builds what a disk may hold at a moment: what was
synced for certain; of the rest nothing, a first part, any part, or any part torn at sectors of 512 bytes.
Names of files are made, moved and removed for certain once their folder was synced, and in order.

The method is that of ALICE (Pillai et al., OSDI 2014), without its model of particular file systems.
"""

import random
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

SECTOR = 512
CALLS = "openat,close,write,pwrite64,ftruncate,fsync,fdatasync,unlink,rename,mkdir"
LINE = re.compile(r"\d+ +(\w+)\((.*)\) += (-?\d+)")
UNREAD = re.compile(r"pwritev|writev|unfinished|fallocate")
BEGUN = re.compile(r"(\d+) +(.*) <unfinished \.\.\.>$")
ENDED = re.compile(r"(\d+) +<\.\.\. \w+ resumed>(.*)")
TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
MODES = ("none", "prefix", "subset", "torn")


def record(command, log):
    """Run a command under strace; returns [(call, texts, numbers, result)]."""
    strace = [
        "strace",
        "-f",
        "-xx",
        "-s",
        "1000000",
        "-o",
        str(log),
        "-e",
        f"trace={CALLS},pwritev,writev,fallocate",
    ]
    subprocess.run([*strace, *command], check=True, stdout=subprocess.DEVNULL)
    calls = []
    for line in joined(log.read_text().splitlines()):
        match = LINE.match(line)
        if UNREAD.search(line):
            raise AssertionError(f"a call that the replay does not know: {line[:100]}")
        if match and int(match[3]) >= 0:
            texts = [bytes.fromhex(text.replace("\\x", "")) for text in TEXT.findall(match[2])]
            rest = TEXT.sub("", match[2])
            calls.append((match[1], texts, rest, int(match[3])))
    return calls


def joined(lines):
    """Join the two halves of a call that another thread's interrupted; it counts from where it ended."""
    begun = {}
    for line in lines:
        if match := BEGUN.match(line):
            begun[match[1]] = match[2]
        elif match := ENDED.match(line):
            yield f"{match[1]} {begun.pop(match[1])}{match[2]}"
        else:
            yield line


@dataclass(eq=False)
class Node:
    """A file or folder: what is on the disk for certain, and what was asked for since."""

    is_folder: bool = False
    safe: bytearray = field(default_factory=bytearray)
    waiting: list = field(default_factory=list)  # (offset, bytes) or (length, None): cut or grow
    names: dict = field(default_factory=dict)  # of a folder, as the process sees it
    safe_names: dict = field(default_factory=dict)
    waiting_names: list = field(default_factory=list)  # (name, node or None)

    def sync(self):
        for change in self.waiting:
            _write(self.safe, *change)
        self.waiting.clear()
        self.safe_names = dict(self.names)
        self.waiting_names.clear()

    def name(self, name, node):
        self.names[name] = node
        if node is None:
            del self.names[name]
        self.waiting_names.append((name, node))


def _write(content, offset, data):
    if data is None:
        del content[offset:]
        content.extend(b"\0" * (offset - len(content)))
        return
    content.extend(b"\0" * (offset - len(content)))
    content[offset : offset + len(data)] = data


class Disk:
    """The folder ``root`` as the calls leave it; ``acknowledged`` is the last ACK."""

    def __init__(self, root):
        self.root = root
        self.top = Node(is_folder=True)
        self.open = {}  # descriptor → [node, offset]
        self.acknowledged = -1

    def _place(self, path):
        """(folder node, name) of a path below the root, else None."""
        try:
            parts = Path(path.decode()).relative_to(self.root).parts
        except ValueError:
            return None
        node = self.top
        for part in parts[:-1]:
            node = node.names[part]
        return (node, parts[-1]) if parts else (None, "")

    def apply(self, call, texts, rest, result):
        """Take one call; tells whether it touched the folder or acknowledged something."""
        descriptor = int(rest.split(",")[0]) if rest[:1].isdigit() else None
        if call == "write" and descriptor == 1 and texts[0].startswith(b"ACK "):
            self.acknowledged = int(texts[0].split()[1])
            return True
        if descriptor is not None:
            return self._on_descriptor(call, descriptor, texts, rest)
        place = self._place(texts[0])
        if place is None:
            return False
        return self._on_path(call, place, texts, rest, result)

    def _on_descriptor(self, call, descriptor, texts, rest):
        if call == "close":
            return self.open.pop(descriptor, None) is None and False
        if descriptor not in self.open:
            return False
        node, at = self.open[descriptor]
        numbers = [int(item) for item in rest.split(",")[1:] if item.strip().isdigit()]
        if call == "write":
            node.waiting.append((at, texts[0]))
            self.open[descriptor][1] = at + len(texts[0])
        elif call == "pwrite64":
            node.waiting.append((numbers[-1], texts[0]))
        elif call == "ftruncate":
            node.waiting.append((numbers[0], None))
        else:
            node.sync()
        return True

    def _on_path(self, call, place, texts, rest, result):
        folder, name = place
        if call == "openat":
            node = self.top if folder is None else folder.names.get(name)
            if node is None:
                node = Node()
                folder.name(name, node)
            elif "O_TRUNC" in rest:
                node.waiting.append((0, None))
            self.open[result] = [node, 0]
        elif call == "mkdir" and folder is not None:
            folder.name(name, Node(is_folder=True))
        elif call == "unlink":
            folder.name(name, None)
        elif call == "rename":
            node = folder.names[name]
            to_folder, to_name = self._place(texts[1])
            assert to_folder is folder, "the replay knows renames within a folder"
            to_folder.name(to_name, node)
            folder.name(name, None)
        return True

    def image(self, target, mode, chance):
        """Write what the disk may hold now into an empty folder ``target``."""
        self._folder(self.top, target, mode, chance)

    def _folder(self, node, target, mode, chance):
        target.mkdir()
        names = dict(node.safe_names)
        n_kept = 0 if mode == "none" else chance.randint(0, len(node.waiting_names))
        for name, child in node.waiting_names[:n_kept]:
            names[name] = child
        for name, child in names.items():
            if child is None or name.endswith("-shm"):  # shared memory is rebuilt from the WAL
                continue
            if child.is_folder:
                self._folder(child, target / name, mode, chance)
            else:
                (target / name).write_bytes(_content(child, mode, chance))


def _content(node, mode, chance):
    content = bytearray(node.safe)
    for change in _kept(node.waiting, mode, chance):
        _write(content, *change)
    return content


def _kept(waiting, mode, chance):
    if mode == "none":
        return []
    if mode == "prefix":
        return waiting[: chance.randint(0, len(waiting))]
    if mode == "torn":
        waiting = [piece for change in waiting for piece in _sectors(*change)]
    return [change for change in waiting if chance.random() < 0.5]


def _sectors(offset, data):
    if data is None:
        return [(offset, None)]
    cuts = range(SECTOR - offset % SECTOR, len(data), SECTOR)
    starts = [0, *cuts]
    return [(offset + start, data[start:end]) for start, end in zip(starts, [*cuts, len(data)], strict=True)]


def images(calls, root, folder, *, n_images, seed):
    """Yield (image folder, last acknowledged number) for moments and modes taken by chance."""
    chance = random.Random(seed)
    disk = Disk(root)
    moments = sorted(chance.choices(range(len(calls)), k=n_images))
    done = 0
    for number, moment in enumerate(moments):
        while done <= moment:
            disk.apply(*calls[done])
            done += 1
        target = folder / f"image-{number}"
        disk.image(target, MODES[number % len(MODES)], chance)
        yield target, disk.acknowledged
