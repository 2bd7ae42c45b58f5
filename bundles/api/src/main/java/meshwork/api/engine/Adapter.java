package meshwork.api.engine;

import org.osgi.annotation.versioning.ConsumerType;

/** A low-rank change (LoRA) of a model's weights, loaded beside them; it is given back with the model. */
@ConsumerType
public interface Adapter {
}
