"""What a figure shows, by the labels of its lines."""

import numpy as np


def lines(axes, label):
    return [line for line in axes.get_lines() if line.get_label() == label]


def count(axes, label):
    return sum(len(line.get_xdata()) for line in lines(axes, label))


def values(axes, label):
    """Sorted y values of all the lines of a label."""
    found = [np.asarray(line.get_ydata(), float) for line in lines(axes, label)]
    return np.sort(np.concatenate(found)) if found else np.empty(0)


def legend(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


def titles(figure):
    return [axes.get_title(loc="left") for axes in figure.axes]


def texts(axes):
    return [text.get_text() for text in axes.texts]


def bands(axes):
    """Outlines of the filled bands, one array of shape (points, 2) a band."""
    return [collection.get_paths()[0].vertices for collection in axes.collections]
