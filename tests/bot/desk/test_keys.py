import stat
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.desk.keys import SHORTEST_SECRET, Keys, SecretKeyError, load_or_make_secret
from bot.desk.receipts import new_receipt
from tests.bot.desk.made import MONDAY

RECEIPT = "26112300000007"


@pytest.fixture
def keys() -> Keys:
    return Keys("a secret for the tests only")


def test_a_hash_is_the_same_for_the_same_value_and_purpose_only(keys: Keys) -> None:
    assert keys.hash("asker", "1001") == keys.hash("asker", "1001")
    assert keys.hash("asker", "1001") != keys.hash("asker", "1002")
    assert keys.hash("asker", "1001") != keys.hash("external", "1001")
    assert keys.hash("asker", "1001") != Keys("another secret of an office").hash("asker", "1001")
    assert len(keys.hash("asker", "1001")) == 32


def test_a_purpose_does_not_run_into_its_value(keys: Keys) -> None:
    assert keys.hash("ab", "c") != keys.hash("a", "bc")


def test_the_digest_of_a_text_depends_on_its_salt(keys: Keys) -> None:
    first = keys.text_digest("我想问收费", salt=b"1" * 16)

    assert first == keys.text_digest("我想问收费", salt=b"1" * 16)
    assert first != keys.text_digest("我想问收费", salt=b"2" * 16)
    assert first != keys.text_digest("我想问期限", salt=b"1" * 16)


def test_what_is_sealed_is_opened_by_the_same_secret_alone(keys: Keys) -> None:
    sealed = keys.seal("chat 1001")

    assert b"1001" not in sealed
    assert keys.unseal(sealed) == "chat 1001"
    assert Keys("another secret of an office").unseal(sealed) is None
    assert keys.unseal(sealed[:-1] + b"x") is None
    assert keys.seal("chat 1001") != sealed


def test_a_retrieval_code_is_four_digits_that_follow_from_the_receipt(keys: Keys) -> None:
    code = keys.retrieval_code(RECEIPT)

    assert len(code) == 4
    assert code.isdigit()
    assert code == Keys("a secret for the tests only").retrieval_code(RECEIPT)


def test_retrieval_codes_are_spread_over_all_numbers(keys: Keys) -> None:
    day = MONDAY.date()
    codes = Counter(keys.retrieval_code(new_receipt(day)) for _ in range(2000))

    assert codes.most_common(1)[0][1] < 10
    assert any(code.startswith("0") for code in codes)


def test_a_code_matches_however_it_was_typed(keys: Keys) -> None:
    code = keys.retrieval_code(RECEIPT)
    full_width = code.translate(str.maketrans("0123456789", "０１２３４５６７８９"))

    assert keys.matches(RECEIPT, f" {code} ")
    assert keys.matches(RECEIPT, full_width)


@pytest.mark.parametrize("typed", ["", "abc", "\ud800", "１２", "123456789"])
def test_another_code_does_not_match(keys: Keys, typed: str) -> None:
    assert not keys.matches(RECEIPT, typed)


def test_a_code_with_a_digit_too_many_does_not_match(keys: Keys) -> None:
    assert not keys.matches(RECEIPT, keys.retrieval_code(RECEIPT) + "0")


def test_the_number_of_a_lock_fits_a_database(keys: Keys) -> None:
    assert keys.lock_number(b"\xff" * 32) == 2**63 - 1
    assert keys.lock_number(bytes(32)) == 0


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(SecretKeyError, match=str(SHORTEST_SECRET)):
        Keys("x" * (SHORTEST_SECRET - 1))


def test_a_secret_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "data" / "secret.key"

    made = load_or_make_secret(path)

    assert Keys(made)
    assert load_or_make_secret(path) == made
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["secret.key"]


def test_processes_that_start_together_get_the_same_secret(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    with ThreadPoolExecutor(8) as threads:
        made = set(threads.map(load_or_make_secret, [path] * 16))

    assert len(made) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["secret.key"]
