package meshwork.api.inference;

import java.util.List;
import java.util.Optional;

import org.osgi.annotation.versioning.ProviderType;

/** The models of this node. Safe for use by many threads. */
@ProviderType
public interface Models {

	/** All models, those too that are still loading or have failed, in the order in which they were asked for. */
	List<ServedModel> list();

	/** A model by its id. */
	Optional<ServedModel> find(String id);

	/**
	 * Loads a model and serves it. Blocks until it is ready; an interrupt ends the loading.
	 *
	 * @throws InferenceException.ModelRefused when it can't be served, with the reason; what is served already goes on
	 */
	ServedModel load(ModelSettings settings);

	/**
	 * Stops serving a model: running generations end, then its memory is given back. Blocks until then.
	 *
	 * @throws InferenceException.ModelUnknown when there is no such model
	 */
	void unload(String id);

	/** What the models that are ready do just now, in the order of {@link #list}. */
	List<Activity> activity();
}
