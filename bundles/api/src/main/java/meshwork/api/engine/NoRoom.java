package meshwork.api.engine;

/** The KV memory has no free cells for a batch. Nothing was decoded; a smaller batch may fit, or room has to be made. */
public final class NoRoom extends EngineException {

	public NoRoom(String message) {
		super(message, null);
	}
}
