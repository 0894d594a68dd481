from concurrent.futures import ThreadPoolExecutor


def test_an_object_reads_as_written_and_is_none_before_and_after(store):
    assert store.read("runs/a.json") is None
    store.write("runs/a.json", '{"é": 1}')
    assert store.read("runs/a.json") == '{"é": 1}'.encode()
    store.remove("runs/a.json")
    assert store.read("runs/a.json") is None
    store.remove("runs/a.json")


def test_create_writes_once_and_leaves_what_is_there(store):
    assert store.create("runs/a.json", "first")
    assert not store.create("runs/a.json", "second")
    assert store.read("runs/a.json") == b"first"


def test_replace_needs_the_text_that_was_read(store):
    assert not store.replace("runs/a.json", b"first", "second")
    store.write("runs/a.json", "first")
    assert not store.replace("runs/a.json", b"other", "second")
    assert store.replace("runs/a.json", b"first", "second")
    assert store.read("runs/a.json") == b"second"


def test_of_many_that_create_at_once_one_succeeds(store):
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda n: store.create("runs/a.json", str(n)), range(8)))
    assert sum(won) == 1
    assert store.read("runs/a.json") == str(won.index(True)).encode()
