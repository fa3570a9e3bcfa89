"""Ensembles of trees: XGBoost's, LightGBM's and CatBoost's own files, and scikit-learn's trees."""
