"""Keys of layers' configurations that change no score, each with its reason."""

from __future__ import annotations

TRAINING = "what training starts from, or how it goes on"
FOR_ALL = {
    "name": "a name",
    "trainable": TRAINING,
    "dtype": "reduced precision is refused for every layer, before its function is called",
    "batch_shape": "the input's shape, read for every first layer",
    "batch_input_shape": "the input's shape, read for every first layer",
    "sparse": "refused for every input layer",
    "ragged": "refused for every input layer",
    "optional": "an input that is always given",
    "seed": "drops and noises in training only",
    "build_config": "shapes, which follow from the weights",
    **dict.fromkeys(("activity_regularizer", "momentum", "synchronized", "renorm_clipping",
                     "renorm_momentum"), TRAINING),
    "autocast": "float32 throughout",
    "lora_rank": "added to the kernel before the layer's function is called (lora.py)",
    "lora_alpha": "added to the kernel before the layer's function is called (lora.py)",
}  # fmt: skip
# ..._initializer, ..._regularizer and ..._constraint of any weight.
ENDINGS = ("_initializer", "_regularizer", "_constraint")
DROPPED = "drops in training only"
AUGMENTS = "augments in training only"

UNUSED: dict[str, dict[str, str]] = {
    **{
        name: {"rate": DROPPED, "noise_shape": DROPPED, "data_format": DROPPED}
        for name in ("Dropout", "AlphaDropout", "GaussianDropout", "SpatialDropout1D",
                     "SpatialDropout2D", "SpatialDropout3D")
    },
    "GaussianNoise": {"stddev": "noise in training only"},
    "ActivityRegularization": {"l1": TRAINING, "l2": TRAINING},
    "Dense": {"quantization_config": "weights of other types are refused as such"},
    "EinsumDense": {"output_shape": "follows from the equation and the kernel's shape",
                    "quantization_config": "weights of other types are refused as such",
                    "gptq_unpacked_column_size": "weights of other types are refused as such"},
    "Embedding": {"quantization_config": "weights of other types are refused as such",
                  "output_dim": "the table's width, which its shape tells"},
    "LSTM": {"unit_forget_bias": TRAINING, "unroll": "the same steps", "use_cudnn": "the kernel",
             "dropout": DROPPED, "recurrent_dropout": DROPPED},
    **{
        f"ConvLSTM{rank}D": {"unit_forget_bias": TRAINING, "unroll": "the same steps",
                             "dropout": DROPPED, "recurrent_dropout": DROPPED}
        for rank in (1, 2, 3)
    },
    "GRU": {"unroll": "the same steps", "use_cudnn": "the kernel", "dropout": DROPPED,
            "recurrent_dropout": DROPPED},
    "SimpleRNN": {"unroll": "the same steps", "dropout": DROPPED, "recurrent_dropout": DROPPED},
    "RNN": {"unroll": "the same steps"},
    "MultiHeadAttention": {"flash_attention": "another algorithm for the same numbers"},
    "GroupedQueryAttention": {
        "flash_attention": "another algorithm for the same numbers",
        "num_query_heads": "read, under a name that is put together",
        "num_key_value_heads": "read, under a name that is put together",
    },
    "ReversibleEmbedding": {"quantization_config": "weights of other types are refused as such"},
    "SpectralNormalization": {"power_iterations": TRAINING},
    "AdditiveAttention": {"score_mode": "there is one"},
    "Discretization": {"num_bins": "for adapting", "epsilon": "for adapting"},
    "Resizing": {"fill_mode": "pad_to_aspect_ratio is refused",
                 "fill_value": "pad_to_aspect_ratio is refused"},
    "TextVectorization": {"max_tokens": "for adapting", "vocabulary_size": "its length"},
    "IntegerLookup": {"max_tokens": "for adapting", "vocabulary_size": "its length",
                      "vocabulary_dtype": "of the file's numbers",
                      "idf_weights": "output_mode tf_idf is refused"},
    "StringLookup": {"max_tokens": "for adapting", "vocabulary_size": "its length",
                     "vocabulary_dtype": "texts",
                     "idf_weights": "output_mode tf_idf is refused"},
}  # fmt: skip
AUGMENTING = {
    "all_ops", "alpha", "bounding_box_format", "brightness_factor", "chain_depth",
    "contrast_factor", "data_format", "factor", "fill_mode", "fill_value", "height_factor",
    "hue_factor", "interpolation", "kernel_size", "mode", "num_chains", "num_ops",
    "saturation_factor", "scale", "sigma", "value_range", "width_factor", "x_factor", "y_factor",
}  # fmt: skip
AUGMENTATIONS = ("Random", "AugMix", "CutMix", "MixUp", "RandAugment")


def reason(class_name: str, key: str) -> str | None:
    """Why a key of a class changes no score; None where nothing is known of it."""
    if key.endswith(ENDINGS):
        return TRAINING
    if class_name.startswith(AUGMENTATIONS) and key in AUGMENTING:
        return AUGMENTS
    return FOR_ALL.get(key) or UNUSED.get(class_name, {}).get(key)
