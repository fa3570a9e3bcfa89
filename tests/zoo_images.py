"""Models of images and sequences: convolutions, pooling, padding, resizing."""

from __future__ import annotations

from typing import Any

from zoo_forms import Case, chain, dense, layer

# Spatial axes, then channels. With channels_first, Keras 3 on TensorFlow adds a bias along the last
# axis when that is as long as there are filters (ops.add takes it for NHWC): the lengths avoid it.
SHAPES = {1: (9, 4), 2: (7, 9, 4), 3: (5, 4, 6, 4)}


def shape(rank: int, first: bool = False) -> tuple[int, ...]:
    """A small input with rank spatial axes."""
    *lengths, channels = SHAPES[rank]
    return (channels, *lengths) if first else (*lengths, channels)


def options(class_name: str, rank: int, *variants: dict[str, Any], **base: Any) -> dict[str, Case]:
    """A case for each variant of a layer's arguments on top of base, in both data formats."""
    cases = {}
    for variant in variants:
        arguments = {**base, **variant}
        text = "_".join(f"{key}_{value}" for key, value in variant.items())
        text = "".join(c if c.isalnum() else "_" for c in text)
        name = f"{class_name}_{text}" if text else class_name
        cases[name] = chain(shape(rank), layer(class_name, **arguments))
        if arguments.get("padding") != "causal":
            cases[f"{name}_first"] = chain(
                shape(rank, first=True),
                layer(class_name, data_format="channels_first", **arguments),
            )
    return cases


WINDOWS: tuple[dict[str, Any], ...] = (
    {},
    {"padding": "same"},
    {"strides": 2},
    {"strides": 3, "padding": "same"},
    {"dilation_rate": 2},
    {"dilation_rate": 2, "padding": "same"},
    {"use_bias": False, "activation": "relu"},
)
POOLS: tuple[dict[str, Any], ...] = (
    {},
    {"pool_size": 3, "strides": 2},
    {"pool_size": 3, "strides": 1, "padding": "same"},
    {"pool_size": 3, "strides": 2, "padding": "same"},
    {"padding": "same"},
)

KEEPDIMS: tuple[dict[str, Any], ...] = ({}, {"keepdims": True})

IMAGES: dict[str, Case] = {
    **{
        f"adaptive_{name.lower()}_{rank}_{n}": chain(
            (*(5, 4, 6)[:rank], 3),
            layer(
                f"Adaptive{name}Pooling{rank}D",
                output_size=size[:rank] if rank > 1 else size[0],
            ),
        )
        for name in ("Max", "Average") for rank in (1, 2, 3)
        for n, size in enumerate(((3, 2, 4), (2, 4, 6))[: 2 - rank // 3])
    },
    "adaptive_first": chain(
        (3, 5, 4), layer("AdaptiveAveragePooling2D", output_size=2, data_format="channels_first")),

    # Convolutions.
    **options("Conv1D", 1, *WINDOWS, {"groups": 2}, {"padding": "causal"},
           {"padding": "causal", "dilation_rate": 2}, {"padding": "causal", "strides": 2},
           filters=6, kernel_size=3),
    **options("Conv2D", 2, *WINDOWS, {"groups": 2}, {"groups": 4, "padding": "same"},
           {"kernel_size": (1, 1)}, {"kernel_size": (2, 4), "strides": (2, 1), "padding": "same"},
           {"kernel_size": (3, 2), "dilation_rate": (2, 3)}, {"activation": "softmax"},
           filters=12, kernel_size=3),
    **options("Conv3D", 3, *WINDOWS[:4], {"dilation_rate": 2, "padding": "same"}, {"groups": 2},
           filters=8, kernel_size=2),
    **options("DepthwiseConv1D", 1, {}, {"padding": "same", "strides": 2}, {"depth_multiplier": 3},
           {"use_bias": False, "activation": "tanh"}, kernel_size=3),
    **options("DepthwiseConv2D", 2, {}, {"padding": "same", "strides": 2}, {"depth_multiplier": 3},
           {"dilation_rate": 2}, {"use_bias": False, "activation": "tanh"}, kernel_size=3),
    **options("SeparableConv1D", 1, {}, {"padding": "same", "strides": 2}, {"depth_multiplier": 3},
           {"use_bias": False, "activation": "tanh"}, filters=10, kernel_size=3),
    **options("SeparableConv2D", 2, {}, {"padding": "same", "strides": 2}, {"depth_multiplier": 3},
           {"dilation_rate": 2}, {"use_bias": False, "activation": "tanh"},
           filters=10, kernel_size=3),
    **options("Conv1DTranspose", 1, {}, {"strides": 2}, {"strides": 2, "padding": "same"},
           {"strides": 4, "padding": "same"}, {"strides": 4},
           {"strides": 3, "output_padding": 1}, {"strides": 3, "output_padding": 2},
           {"strides": 2, "padding": "same", "output_padding": 0},
           {"strides": 2, "padding": "same", "output_padding": 1},
           {"dilation_rate": 2}, filters=5, kernel_size=3),
    **options("Conv2DTranspose", 2, {}, {"strides": 2}, {"strides": 2, "padding": "same"},
           {"strides": (2, 3), "kernel_size": (4, 2), "padding": "same"},
           {"strides": 2, "padding": "same", "output_padding": 1},
           {"strides": 3, "output_padding": (1, 2)}, {"dilation_rate": 2, "padding": "same"},
           {"use_bias": False, "activation": "relu"}, filters=5, kernel_size=3),
    **options("Conv3DTranspose", 3, {}, {"strides": 2, "padding": "same"}, {"strides": 2},
           filters=3, kernel_size=2),
    "conv1d_free": chain((None, 4), layer("Conv1D", filters=5, kernel_size=3, padding="same",
                                          strides=2)),
    "conv1d_free_valid": chain((None, 4), layer("Conv1D", filters=5, kernel_size=2)),
    "conv_stack": chain(
        (12, 12, 1), layer("Conv2D", filters=8, kernel_size=3, activation="relu"),
        layer("BatchNormalization"), layer("MaxPooling2D"),
        layer("Conv2D", filters=4, kernel_size=3, use_bias=False), layer("BatchNormalization"),
        layer("Activation", activation="relu"), layer("Flatten"), dense(10, "softmax"),
    ),
    "conv_stack_first": chain(
        (2, 12, 12), layer("Conv2D", filters=8, kernel_size=3, data_format="channels_first"),
        layer("BatchNormalization", axis=1), layer("Activation", activation="relu"),
        layer("AveragePooling2D", pool_size=2, data_format="channels_first"),
        layer("DepthwiseConv2D", kernel_size=3, data_format="channels_first"),
        layer("ReLU"), layer("Flatten", data_format="channels_first"), dense(3, "softmax"),
    ),
    # Pooling.
    **{key: case for kind in ("Max", "Average") for rank in (1, 2, 3)
       for key, case in options(f"{kind}Pooling{rank}D", rank, *POOLS, pool_size=2).items()},
    **options("MaxPooling2D", 2, {"pool_size": (2, 3), "strides": (1, 2), "padding": "same"}),
    "max_pool_free": chain((None, 4), layer("MaxPooling1D", pool_size=2)),
    **{key: case for kind in ("Max", "Average") for rank in (1, 2, 3)
       for key, case in options(f"Global{kind}Pooling{rank}D", rank, *KEEPDIMS).items()},
    "global_average_free": chain((None, 4), layer("GlobalAveragePooling1D")),
    # Padding, cropping, resizing.
    "zero_padding1d": chain((5, 3), layer("ZeroPadding1D", padding=2)),
    "zero_padding1d_two": chain((5, 3), layer("ZeroPadding1D", padding=(1, 2))),
    "zero_padding1d_free": chain((None, 3), layer("ZeroPadding1D", padding=(1, 2))),
    **options("ZeroPadding2D", 2, {}, {"padding": (1, 2)}, {"padding": ((1, 0), (2, 3))}),
    **options("ZeroPadding3D", 3, {}, {"padding": (1, 2, 0)},
              {"padding": ((1, 0), (2, 3), (0, 1))}),
    "cropping1d": chain((7, 3), layer("Cropping1D", cropping=2)),
    "cropping1d_two": chain((7, 3), layer("Cropping1D", cropping=(0, 2))),
    **options("Cropping2D", 2, {"cropping": 1}, {"cropping": (1, 2)},
              {"cropping": ((1, 0), (0, 3))}),
    **options("Cropping3D", 3, {"cropping": 1}, {"cropping": ((1, 0), (0, 1), (2, 1))}),
    "up_sampling1d": chain((5, 3), layer("UpSampling1D", size=3)),
    "up_sampling1d_free": chain((None, 3), layer("UpSampling1D")),
    **options("UpSampling2D", 2, {}, {"size": (2, 3)}, {"interpolation": "bilinear"},
              {"size": (3, 2), "interpolation": "bilinear"}),
    **options("UpSampling3D", 3, {}, {"size": (1, 2, 3)}),
    **options("Resizing", 2, {"height": 5, "width": 11}, {"height": 14, "width": 3},
              {"height": 10, "width": 5, "interpolation": "nearest"}),
    **options("CenterCrop", 2, {"height": 4, "width": 5}),
}  # fmt: skip
