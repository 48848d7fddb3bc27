"""The two READMEs tell an operator the same."""

import re

import pytest
from django.conf import settings


def commands(readme: str, title: str) -> list[list[str]]:
    """Return the lines of each block for bash in that chapter, without their comments."""
    text = (settings.BASE_DIR / readme).read_text()
    chapter = text.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"^```bash\n(.*?)^```$", chapter, re.MULTILINE | re.DOTALL)
    return [re.sub(r" +# .*", "", block).splitlines() for block in blocks]


@pytest.mark.parametrize(("english", "chinese"), [("In production", "生产部署"), ("Backups", "备份")])
def test_both_say_the_same_lines(english, chinese):
    lines = commands("README.md", english)
    assert lines
    assert commands("README.zh-CN.md", chinese) == lines
