package meshwork.api.engine;

/**
 * How a model is loaded.
 *
 * @param mapped share the file's pages with whoever else reads it, rather than copying them
 * @param locked keep the pages in memory
 */
public record LoadOptions(boolean mapped, boolean locked) {

	/** Mapped, not locked. */
	public static final LoadOptions DEFAULT = new LoadOptions(true, false);
}
