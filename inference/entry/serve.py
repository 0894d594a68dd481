"""At the root of the code archive: what the container's model server imports."""

from sagemaker_containers.beta.framework import worker

from clv.models.forecast import Model
from inference.handlers import answer, model_fn

__all__ = ["model_fn", "transform_fn"]


def transform_fn(model: Model, body: bytes, content_type: str, accept: str) -> worker.Response:
    """Return the answer to one request as the container's server wants it."""
    said = answer(model, body, content_type, accept)
    return worker.Response(response=said.body, status=said.status, mimetype=said.content_type)
