package meshwork.api.engine;

import meshwork.api.engine.SamplerOptions.Stage;

/** A stage of a sampler can't be used as it was asked for; the message says why. */
public final class StageRejected extends IllegalArgumentException {

	private static final long serialVersionUID = 1;

	private final transient Stage stage;

	public StageRejected(Stage stage, IllegalArgumentException cause) {
		super(cause.getMessage(), cause);
		this.stage = stage;
	}

	public Stage stage() {
		return stage;
	}
}
