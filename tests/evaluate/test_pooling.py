import pandas as pd

from bayes_scaling.evaluate.pooling import main


def test_a_replication_is_stored_and_the_study_goes_on_where_it_stopped(tmp_path, capsys):
    path = tmp_path / "pooling.csv"
    arguments = ["--out", str(path), "--replications", "1", "--draws", "100", "--tune", "200", "--chains", "2"]
    main(arguments)
    main(arguments)
    rows = pd.read_csv(path, comment="#")
    assert rows["way"].tolist() == ["joint", "alone"]
    assert (rows["crps"] > 0).all()
    assert rows["coverage_90"].between(0, 1).all()
    assert path.read_text().startswith("# Made by: python -m bayes_scaling.evaluate.pooling --draws 100")
    assert "joint_is_better" in capsys.readouterr().out
