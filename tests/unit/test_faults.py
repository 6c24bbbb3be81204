"""Which errors of the database are waited for, and which are the data's own."""

import socket
from pathlib import Path

import asyncpg
import pytest

from syncv3.store.faults import is_passing, let_sessions_go, of_the_database


@pytest.mark.rules("U-42")
@pytest.mark.parametrize(
    "error",
    [
        asyncpg.DiskFullError("53100"),
        asyncpg.ReadOnlySQLTransactionError("25006"),
        asyncpg.FeatureNotSupportedError("0A000"),  # the fence, on a standby
        asyncpg.InsufficientPrivilegeError("42501"),  # a file system became read-only
        asyncpg.UndefinedFunctionError("42883"),  # a newer version has changed the schema
        asyncpg.UndefinedColumnError("42703"),
        asyncpg.InternalServerError("XX000"),  # a quota, a limit of file sizes
        asyncpg.CannotConnectNowError("57P03"),
        asyncpg.DeadlockDetectedError("40P01"),
        asyncpg.ConnectionDoesNotExistError("08003"),
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.InternalClientError("another operation (2) is in progress"),
        TimeoutError(),
        ConnectionRefusedError(),
    ],
    ids=repr,
)
def test_faults_of_the_database_pass(error: Exception) -> None:
    assert is_passing(error)


@pytest.mark.rules("U-44")
@pytest.mark.parametrize(
    "error",
    [
        asyncpg.UniqueViolationError("23505"),
        asyncpg.CharacterNotInRepertoireError("22021"),
        asyncpg.ProgramLimitExceededError("54000"),
        asyncpg.DataError("what the driver cannot encode"),
        UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"),
        KeyError(),
    ],
    ids=repr,
)
def test_faults_of_the_data_do_not(error: Exception) -> None:
    assert not is_passing(error)


def error_of_a_file(path: str) -> OSError:
    with pytest.raises(OSError) as raised:
        Path(path).read_bytes()
    return raised.value


def error_of_a_socket(path: str) -> OSError:
    with socket.socket(socket.AF_UNIX) as client, pytest.raises(OSError) as raised:
        client.connect(path)
    return raised.value


@pytest.mark.rules("H-33")
def test_what_a_file_raises_is_not_the_databases() -> None:
    assert not of_the_database(error_of_a_file("/tmp/" + "x" * 300))
    assert not of_the_database(error_of_a_file("/no/such/file"))
    assert of_the_database(error_of_a_socket("/no/such/socket"))
    assert of_the_database(TimeoutError())
    assert not of_the_database(KeyError())


class Pool:
    expired = 0

    async def expire_connections(self) -> None:
        self.expired += 1


@pytest.mark.parametrize(
    ("error", "times"),
    [
        (asyncpg.ReadOnlySQLTransactionError("25006"), 1),
        (asyncpg.InternalClientError("another operation (2) is in progress"), 1),
        (asyncpg.DiskFullError("53100"), 0),
    ],
    ids=["read-only", "out of step", "full"],
)
async def test_sessions_that_stay_unusable_are_made_anew(error: Exception, times: int) -> None:
    pool = Pool()
    await let_sessions_go(pool, error)
    assert pool.expired == times
