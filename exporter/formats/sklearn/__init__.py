"""scikit-learn's fitted objects from files of joblib, pickle and skops, without scikit-learn."""
