"""A table of the causes of failure, by repository and day, from a folder of logs: FOLDER/REPOSITORY/DAY/NAME.log.

Usage: python table.py WHYOOM FOLDER
"""

import json
import sys
from pathlib import Path, PurePosixPath

from pyspark.sql import SparkSession


def record(path: str) -> str:
    place = PurePosixPath(path)
    return json.dumps({"path": path, "repository": place.parts[-3], "day": place.parts[-2]})


def rows(line: str):
    answer = json.loads(line)
    for incident in answer["incidents"]:
        yield (incident["causes"][0]["cause"], answer["repository"], answer["day"])


def main(whyoom: str, folder: str) -> None:
    spark = (
        SparkSession.builder.master("local[2]")
        .appName("whyoom")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "1")
        .getOrCreate()
    )
    paths = [str(path) for path in sorted(Path(folder).glob("*/*/*.log"))]
    answers = spark.sparkContext.parallelize(paths, 2).map(record).pipe(f"{whyoom} --records --exit-zero")
    table = answers.flatMap(rows).toDF(["cause", "repository", "day"]).groupBy("cause", "repository", "day").count()
    for row in table.orderBy("cause", "repository", "day").collect():
        print(json.dumps(row.asDict()), flush=True)
    spark.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
