#!/usr/bin/env python3
"""Train small scikit-learn pipelines and convert them with skl2onnx: three members of each.

Packages (Python 3.11):
    scikit-learn==1.9.1 skl2onnx==1.20.0 onnx==1.22.0 onnxruntime==1.31.1 numpy==2.4.6

Each member is trained on data of its own, so these files hold real weights. Most of them are
attributes of ai.onnx.ml operators instead of initializers.
"""
import argparse
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnxruntime
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.base import BaseEstimator, is_classifier
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.ensemble import (GradientBoostingClassifier, GradientBoostingRegressor,
                              RandomForestClassifier)
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsRegressor
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MinMaxScaler, Normalizer, OneHotEncoder, StandardScaler
from sklearn.svm import SVC, SVR

MEMBERS = 3
ROWS = 200
COLUMNS = 6
COLOURS = np.array(["blue", "green", "red", "yellow"], dtype=object)
OPSETS = {"": 18, "ai.onnx.ml": 3}


class Data(NamedTuple):
    """What a member is trained on: numbers, one column of words, classes, and a target value."""
    numbers: np.ndarray
    words: np.ndarray
    classes: np.ndarray
    target: np.ndarray


def data(seed: int) -> Data:
    """A task of its own for each seed; every class and every word occurs."""
    random = np.random.default_rng(seed)
    numbers = random.normal(random.normal(size=COLUMNS), 2, (ROWS, COLUMNS)).astype(np.float32)
    words = np.concatenate([COLOURS, random.choice(COLOURS, ROWS - len(COLOURS))])
    scores = numbers @ random.normal(size=(COLUMNS, 3)) + (words == "red")[:, None] * [3, 0, 0]
    return Data(numbers, words[:, None], scores.argmax(1), scores[:, 0])


def pipelines(seed: int) -> dict[str, BaseEstimator]:
    """One of each, untrained."""
    encode = ColumnTransformer([("numbers", StandardScaler(), list(range(COLUMNS))),
                                ("words", OneHotEncoder(), [COLUMNS])])
    return {
        "logistic": make_pipeline(StandardScaler(), LogisticRegression()),
        "linear": make_pipeline(MinMaxScaler(), LinearRegression()),
        "forest": RandomForestClassifier(5, max_depth=3, random_state=seed),
        "boosting": GradientBoostingClassifier(n_estimators=4, max_depth=2, random_state=seed),
        "boosting-regressor": GradientBoostingRegressor(n_estimators=6, max_depth=2,
                                                        random_state=seed),
        "k-means": KMeans(4, n_init=1, random_state=seed),
        "svm": make_pipeline(StandardScaler(), SVC(C=0.1, gamma=0.1)),
        "svm-regressor": SVR(C=0.5, gamma=0.1, epsilon=1.0),
        "neighbours": KNeighborsRegressor(3),
        "mlp": make_pipeline(StandardScaler(),
                             MLPClassifier((16, 8), max_iter=50, random_state=seed)),
        "pca": make_pipeline(Normalizer(), PCA(3, random_state=seed), LogisticRegression()),
        "categories": Pipeline([("encode", encode), ("classify", LogisticRegression())]),
    }


def convert(name: str, model: BaseEstimator, of: Data) -> bytes:
    """Train, convert and check one member; returns its file."""
    regression = name in ("linear", "boosting-regressor", "svm-regressor", "neighbours")
    inputs = {"numbers": of.numbers}
    types = [("numbers", FloatTensorType([None, COLUMNS]))]
    features = of.numbers
    if name == "categories":
        inputs["words"] = of.words
        types.append(("words", StringTensorType([None, 1])))
        features = np.concatenate([of.numbers.astype(object), of.words], 1)
    model.fit(features, of.target if regression else of.classes)
    options = {"zipmap": False} if is_classifier(model) else None
    proto = to_onnx(model, initial_types=types, options=options, target_opset=OPSETS,
                    name=name)
    content = proto.SerializeToString(deterministic=True)
    session = onnxruntime.InferenceSession(content)
    result = session.run(None, inputs)[0].ravel()
    expected = np.asarray(model.predict(features)).ravel()
    agreement = np.isclose(result.astype(float), expected.astype(float), rtol=1e-3, atol=1e-4)
    assert agreement.mean() > 0.98, f"{name}: {agreement.mean():.0%} of the rows agree"
    return content


def main() -> None:
    parser = argparse.ArgumentParser(description="Train and convert scikit-learn pipelines.")
    parser.add_argument("-o", "--output", type=Path, metavar="DIR",
                        default=Path(__file__).parent / "sklearn", help="folder to write to")
    output = parser.parse_args().output
    output.mkdir(parents=True, exist_ok=True)
    for member in range(MEMBERS):
        for name, model in pipelines(member).items():
            content = convert(name, model, data(member))
            path = output / f"{name}-{member}.onnx"
            path.write_bytes(content)
            print(path.name, len(content))


if __name__ == "__main__":
    main()
