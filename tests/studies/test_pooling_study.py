from pathlib import Path

import pandas as pd
from pooling import main, summarise


def test_a_replication_is_stored_and_the_study_goes_on_where_it_stopped(tmp_path, capsys):
    path = tmp_path / "pooling.csv"
    arguments = ["--out", str(path), "--replications", "1", "--draws", "100", "--tune", "200", "--chains", "2"]
    main(arguments)
    main(arguments)
    rows = pd.read_csv(path, comment="#")
    assert rows["way"].tolist() == ["joint", "alone"]
    assert (rows["crps"] > 0).all()
    assert rows["coverage_90"].between(0, 1).all()
    assert path.read_text().startswith("# Made by: python tests/studies/pooling.py --draws 100")
    assert "joint_is_better" in capsys.readouterr().out


def test_the_stored_study_finds_pooling_better():
    path = Path(__file__).parent / "pooling_pass_at_k.csv"
    found = summarise(pd.read_csv(path, comment="#"))
    assert path.read_text().startswith("# Made by: python tests/studies/pooling.py ")
    joint, alone = found.loc["joint"], found.loc["alone"]
    assert joint["replications"] >= 20
    assert joint["gain"] > 2 * joint["gain_error"]
    assert joint["crps"] < alone["crps"]
    assert joint["width_90"] < alone["width_90"]
    assert joint["coverage_90"] > 0.75
