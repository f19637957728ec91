"""The model of the Python API: `s2f.load("face-to-sketch").translate("photo.jpg")`."""

from collections.abc import Mapping
from pathlib import Path

from PIL import Image

from s2f_cli.core.errors import BundleError, S2FError
from s2f_cli.faces.align import FaceChoice
from s2f_cli.inference.engine import EngineChoice
from s2f_cli.inference.options import AUTO, InferencePrecision, PasteBack, Size, TranslateOptions
from s2f_cli.inference.pipeline import Pipeline, read_photo
from s2f_cli.inference.translator import Translator
from s2f_cli.models import locate
from s2f_cli.models.card import Card
from s2f_cli.models.domains import Domain


class Model:
    """A loaded model and the domain that it translates to; `Model.load` opens one."""

    def __init__(self, translator: Translator, to: Domain) -> None:
        translator.require(to)
        self.translator = translator
        self.to: Domain = to

    @classmethod
    def load(
        cls,
        model: str | Path | None = None,
        to: Domain | None = None,
        *,
        device: str = "auto",
        precision: InferencePrecision = "fp32",
        engine: EngineChoice = "auto",
    ) -> "Model":
        """Open a model as `s2f translate --model` does.

        Args:
            model: A name of `s2f models`, a run folder, a .safetensors or exported .onnx file, or an address
                of the Hugging Face Hub, `hf://owner/name[@revision][/file]`. None is the newest finished run
                in ./runs that can translate to `to`, else the model shipped with s2f.
            to: The domain to translate to, "face" or "sketch"; optional for a model with one direction.
            device: "cpu", "cuda", "cuda:1" or "mps"; "auto" takes a GPU if there is one.
            precision: "fp32" or "bf16"; a processor without bf16 computes in fp32 instead. "auto" is bf16
                where the device has it.
            engine: "onnx" (ONNX Runtime, which imports no torch), "torch", or "auto": ONNX Runtime for ONNX
                files, and for models with ONNX graphs unless torch has a GPU and ONNX Runtime has none.

        Raises:
            BundleError: The model is missing, damaged or not an s2f model, or cannot translate to `to`.
            RunError: The run folder holds no model, or there is no default model.
            S2FError: The device cannot be used, or `to` is missing.
        """
        if model is not None:
            file = locate.locate(model)
        elif to is not None:
            file = locate.default(to)
        else:
            raise S2FError("neither a model nor a domain is named", 'name one, such as to="sketch"')
        translator = Translator.open(file, device, precision, engine)
        return cls(translator, to or _only_direction(translator, file))

    @property
    def card(self) -> Card:
        """The model's card: recipe, training data, licence, scores."""
        return self.translator.card

    def translate(
        self,
        image: str | Path | Image.Image,
        *,
        size: Size = "native",
        align: str = AUTO,
        faces: FaceChoice | None = None,
        paste_back: PasteBack | None = None,
        seed: int = 0,
        mean: bool = False,
        conditions: Mapping[str, str] | None = None,
        like: str | Path | Image.Image | None = None,
        **named: str,
    ) -> Image.Image:
        """Translate an image, as `s2f translate` does.

        EXIF orientation and colour profile are applied; faces are found, aligned, translated and pasted into
        the translated photo, unless options say otherwise.

        Args:
            image: An image file, or an image of any mode and size.
            size: Size of the result: "native" (the input's size, but the network sees it at the training
                size), "full" (the input's size, translated at full resolution), "model" (the square seen in
                training), or the short side in pixels.
            align: "auto" (as the model's card says, where the image shows an unaligned face), "none", or a
                preset of `s2f align`, which requires a face.
            faces: Which of several faces: "largest", "best" (the most certain) or "all". None is "all", or
                "largest" if faces are not pasted back.
            paste_back: What faces are pasted onto: "translated" (the translated photo), "photo" (the photo
                itself), or "none" (the result is the face). None is "translated", or "none" if the size is
                "model" or the model sees squares of one size only.
            seed: Random seed, for stochastic models.
            mean: Return the mean instead of a random sample, for stochastic models.
            conditions: What the model is given besides the image, by name: a label such as a drawing style,
                or a colour as "#rrggbb", a CSS name, or a natural name ("fair" skin, "dark brown" hair).
                Those that are not named have the default in `card.recipe.conditions`.
            like: A photo, as a file or an image, whose colours the model is given.
            **named: Conditions by keyword, as in `style="bold"`; they take precedence.

        Returns:
            The result, mode `L` or `RGB`. With faces="all" and paste_back="none" it is the first face;
            `pipeline` yields all.

        Raises:
            ImageError: The file cannot be read, a required face is not found, or the result would be too
                large.
            DataError: There is no alignment preset of that name.
            S2FError: Options contradict each other, or the model has no such condition or label.
        """
        return self.pipeline(
            size=size,
            align=align,
            faces=faces,
            paste_back=paste_back,
            seed=seed,
            mean=mean,
            conditions=dict(conditions or {}) | named,
            like=like,
        ).translate(read_photo(image))

    def pipeline(
        self,
        *,
        size: Size = "native",
        align: str = AUTO,
        faces: FaceChoice | None = None,
        paste_back: PasteBack | None = None,
        samples: int = 1,
        seed: int = 0,
        mean: bool = False,
        conditions: Mapping[str, str] | None = None,
        like: str | Path | Image.Image | None = None,
        **named: str,
    ) -> Pipeline:
        """Build a pipeline, for many images, several faces, several samples or all labels of a condition.

        Args:
            samples: Samples per input, for stochastic models; the seed counts up from one to the next.

        The other options are those of `translate`. A label can also be "all": each input then has a result
        for each label, in the order of the pipeline's `variants`.

        Raises:
            BundleError: Several samples are requested of a deterministic model.
            DataError: There is no alignment preset of that name.
            ImageError: The photo `like` cannot be read, or shows no face.
            S2FError: Options contradict each other, or the model has no such condition or label.
        """
        values = dict(conditions or {}) | named
        options = TranslateOptions(size, align, faces, paste_back, samples, seed, mean, values, like)
        return Pipeline.build(self.translator, self.to, options)


def load(
    model: str | Path | None = None,
    to: Domain | None = None,
    *,
    device: str = "auto",
    precision: InferencePrecision = "fp32",
    engine: EngineChoice = "auto",
) -> Model:
    """Open a model, as `s2f translate --model` does; see `Model.load`."""
    return Model.load(model, to, device=device, precision=precision, engine=engine)


def translate(
    image: str | Path | Image.Image,
    to: Domain,
    *,
    model: str | Path | None = None,
    device: str = "auto",
    precision: InferencePrecision = "fp32",
    engine: EngineChoice = "auto",
    size: Size = "native",
    align: str = AUTO,
    faces: FaceChoice | None = None,
    paste_back: PasteBack | None = None,
    seed: int = 0,
    mean: bool = False,
    conditions: Mapping[str, str] | None = None,
    like: str | Path | Image.Image | None = None,
    **named: str,
) -> Image.Image:
    """Translate one image to the domain `to`, as `s2f translate --to` does.

    For several images, `load` a model once. `Model.load` and `Model.translate` describe the options, the
    result and the errors.
    """
    return load(model, to, device=device, precision=precision, engine=engine).translate(
        image,
        size=size,
        align=align,
        faces=faces,
        paste_back=paste_back,
        seed=seed,
        mean=mean,
        conditions=dict(conditions or {}) | named,
        like=like,
    )


def _only_direction(translator: Translator, file: Path) -> Domain:
    if len(translator.directions) != 1:
        able = " and ".join(translator.directions) or "nothing"
        raise BundleError(f"{file} translates to {able}", 'choose a direction, such as to="sketch"')
    return translator.directions[0]
