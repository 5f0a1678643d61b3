"""limner in Krita: a docker that shows the face of the drawing."""

from krita import DockWidgetFactory, DockWidgetFactoryBase, Krita

from .docker import LimnerDocker
from .extension import LimnerExtension

Krita.instance().addDockWidgetFactory(
    DockWidgetFactory("limner_docker", DockWidgetFactoryBase.DockRight,
                      LimnerDocker))
Krita.instance().addExtension(LimnerExtension(Krita.instance()))
