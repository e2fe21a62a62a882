"""The faults of the mutation check fit the project as it is; `python -m tests.mutants` tries them."""

from tests.conftest import PROJECT
from tests.mutants.faults import FAULTS


def test_each_fault_changes_one_place():
    for one in FAULTS:
        text = (PROJECT / one.file).read_text("utf-8")
        assert text.count(one.old) == 1, one.name
        assert one.old != one.new, one.name
    assert len({one.name for one in FAULTS}) == len(FAULTS) >= 30


def test_each_fault_has_tests_of_the_default_suite():
    for one in FAULTS:
        files = [PROJECT / test.split("::")[0] for test in one.tests]
        assert files and all(file.is_file() for file in files), one.name


def test_every_room_has_a_fault():
    rooms = {path.parent.name for path in (PROJECT / "utils").glob("*/__init__.py")}
    assert {one.file.split("/")[1] for one in FAULTS} >= rooms
