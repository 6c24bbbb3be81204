import shutil
import tempfile
from pathlib import Path

from tests.support.folders import new_folder


def test_a_server_keeps_its_files_in_memory(tmp_path: Path) -> None:
    made = new_folder("pg", memory=tmp_path, room_bytes=1)
    assert made.parent == tmp_path
    assert made != new_folder("pg", memory=tmp_path, room_bytes=1)


def test_a_server_keeps_its_files_on_the_disk_where_memory_is_short(tmp_path: Path) -> None:
    too_much = shutil.disk_usage(tmp_path).total + 1
    for memory, room in ((tmp_path, too_much), (tmp_path / "missing", 1)):
        made = new_folder("pg", memory=memory, room_bytes=room)
        made.rmdir()
        assert made.parent == Path(tempfile.gettempdir())
