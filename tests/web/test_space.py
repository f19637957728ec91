"""The page as a static Space."""

from pathlib import Path

from huggingface_hub import RepoCard

from s2f_cli.export.formats.web import Web
from s2f_cli.web import site, space

MODELS = [
    {"source": "face", "to": "sketch", "title": "Strokes", "licence": "research use: cite it"},
    {"source": "sketch", "to": "face", "title": "Strokes", "licence": "research use: cite it"},
    {"source": "sketch", "to": "face", "title": "Faces", "licence": ""},
]


def test_the_readme_makes_a_folder_a_static_space(tmp_path: Path) -> None:
    space.write(tmp_path, MODELS)
    page = (tmp_path / "README.md").read_text(encoding="utf-8")
    front = RepoCard(page).data.to_dict()
    assert (front["sdk"], front["app_file"]) == ("static", "index.html")
    assert front["title"] == "Face to sketch, sketch to face"
    assert front["custom_headers"]["cross-origin-opener-policy"] == "same-origin"
    assert page.count("| Strokes | research use: cite it |") == 1
    assert "| Faces | not recorded |" in page


def test_only_the_page_of_a_space_has_the_readme(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(site, "write", lambda *arguments: None)
    monkeypatch.setattr(Web, "_describe", lambda *arguments: MODELS[0])
    Web().finish(tmp_path, {Path("a.onnx"): None})
    assert list(tmp_path.iterdir()) == []
    Web().finish(tmp_path, {Path("a.onnx"): None}, space=True)
    assert (tmp_path / "README.md").is_file()
