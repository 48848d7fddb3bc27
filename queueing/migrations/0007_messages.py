import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("queueing", "0006_day_of_a_stall")]

    operations = [
        # With defaults of the database's own, servers of the version before go on meanwhile.
        migrations.AddField(
            "order",
            "openid",
            models.CharField(blank=True, db_default="", default="", editable=False, max_length=300),
        ),
        migrations.AddField(
            "order",
            "message",
            models.CharField(
                blank=True,
                choices=[
                    ("", "-"),
                    ("wanted", "when it is called"),
                    ("due", "about to be sent"),
                    ("sending", "being sent"),
                    ("sent", "sent"),
                    ("refused", "not allowed by the student"),
                    ("failed", "not sent: WeChat refused it"),
                    ("uncertain", "perhaps sent"),
                    ("dropped", "no longer needed"),
                ],
                db_default="",
                default="",
                editable=False,
                max_length=9,
                verbose_name="message",
            ),
        ),
        migrations.AddField("order", "message_at", models.DateTimeField(editable=False, null=True)),
        migrations.AddField(
            "order", "message_tries", models.PositiveSmallIntegerField(db_default=0, default=0, editable=False)
        ),
        migrations.AddField("order", "message_to", models.PositiveBigIntegerField(editable=False, null=True)),
        migrations.AddIndex("order", models.Index(fields=["message", "message_at"], name="order_by_message")),
        migrations.AddConstraint(
            "order", models.UniqueConstraint(fields=["message_to"], name="one_message_to_a_person")
        ),
        migrations.CreateModel(
            "Stop",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("fingerprint", models.CharField(max_length=64, unique=True)),
                ("errcode", models.IntegerField()),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={"default_permissions": ()},
        ),
    ]
