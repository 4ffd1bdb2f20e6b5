"""The addresses of the usual service."""

from rest_framework.routers import DefaultRouter

from tests.bench.baseline import views

router = DefaultRouter()
router.register("agreements", views.AgreementViewSet)
router.register("clauses", views.ClauseViewSet)
router.register("clauses-expanded", views.ClauseExpandedViewSet, basename="clause-expanded")
router.register("renewals", views.RenewalViewSet)
urlpatterns = router.urls
