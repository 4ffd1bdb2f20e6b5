"""Settings of the usual service: what `startproject` writes, REST framework and django-filter, on accords' database."""

import os

import dj_database_url

from config import settings as product

SECRET_KEY = "the baseline of a benchmark signs nothing"
ALLOWED_HOSTS = ["127.0.0.1"]
USE_TZ, TIME_ZONE = True, "UTC"
DEFAULT_AUTO_FIELD = product.DEFAULT_AUTO_FIELD
INSTALLED_APPS = product.INSTALLED_APPS  # the same models
RENEWAL_HORIZON = product.RENEWAL_HORIZON
ROOT_URLCONF = "tests.bench.baseline.urls"
WSGI_APPLICATION = "tests.bench.baseline.wsgi.application"

# Django opens a connection for each request unless a setting says how long to keep one: both are measured.
DATABASES = {
    "default": dj_database_url.parse(
        os.environ["DATABASE_URL"], conn_max_age=int(os.environ.get("BASELINE_CONN_MAX_AGE", "0"))
    )
}
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = product.TEMPLATES
REST_FRAMEWORK = {"DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"]}
SILENCED_SYSTEM_CHECKS = ["accords", "axes.W002", "axes.W003"]
