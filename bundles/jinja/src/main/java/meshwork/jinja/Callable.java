package meshwork.jinja;

/** Anything that can be called from inside a template. */
@FunctionalInterface
interface Callable {

	Object call(Run run, Arguments arguments);
}
