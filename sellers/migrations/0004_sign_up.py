from datetime import timedelta

import django.db.models.deletion
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.utils import timezone

import sellers.models


def open_the_unbound(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Let the stalls that nobody has bound be signed up for, as if they had been registered now."""
    until = timezone.now() + timedelta(hours=settings.SIGN_UP_HOURS)
    apps.get_model("sellers", "Seller").objects.filter(person=None).update(sign_up_until=until)


class Migration(migrations.Migration):
    dependencies = [("sellers", "0003_groups"), ("accounts", "0001_initial")]

    operations = [
        migrations.AddField(
            "seller",
            "sign_up_until",
            models.DateTimeField("open for sign-up until", blank=True, editable=False, null=True),
        ),
        migrations.RunPython(open_the_unbound, migrations.RunPython.noop),
        migrations.AlterField(
            "seller",
            "sign_up_until",
            models.DateTimeField(
                "open for sign-up until", blank=True, default=sellers.models.sign_up_end, editable=False, null=True
            ),
        ),
        migrations.AddField(
            "unbinding",
            "lifted_at",
            models.DateTimeField("may sign up again since", blank=True, editable=False, null=True),
        ),
        migrations.CreateModel(
            "WrongTelephones",
            [
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="accounts.person",
                    ),
                ),
                ("count", models.PositiveSmallIntegerField()),
                ("last_at", models.DateTimeField(db_index=True)),
            ],
            options={"default_permissions": ()},
        ),
    ]
