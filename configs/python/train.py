"""Fits y = a x + b to a table by gradient descent: a training script that needs Python alone.

Azure ML's SDK v1 calls are those of the tutorial's script; where the SDK is not installed, a run has a stand-in.
"""
import argparse
import csv
import json
import os

from azureml.core import Run

parser = argparse.ArgumentParser()
parser.add_argument("--data", required=True, help="table with the columns x and y")
parser.add_argument("--epochs", type=int, default=100)
parser.add_argument("--learning-rate", type=float, default=0.1)
parser.add_argument("--out", default="outputs", help="folder of model.json")
chosen = parser.parse_args()

run = Run.get_context()
with open(chosen.data, newline="") as table:
    points = [(float(row["x"]), float(row["y"])) for row in csv.DictReader(table)]

a = b = 0.0
for epoch in range(chosen.epochs):
    errors = [(a * x + b - y, x) for x, y in points]
    a -= chosen.learning_rate * 2 * sum(error * x for error, x in errors) / len(points)
    b -= chosen.learning_rate * 2 * sum(error for error, _ in errors) / len(points)
    run.log("train_loss", sum(error * error for error, _ in errors) / len(points))

os.makedirs(chosen.out, exist_ok=True)
with open(os.path.join(chosen.out, "model.json"), "w") as model:
    json.dump({"a": a, "b": b}, model)
print(f"y = {a:.3f} x + {b:.3f}")
