from speechlabel.testing import StoreContract


class TestSqlStore(StoreContract):
    """The laws, on each database of conftest.py."""
