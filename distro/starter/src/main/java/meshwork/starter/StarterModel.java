package meshwork.starter;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Dictionary;
import java.util.Optional;

import org.osgi.framework.BundleContext;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.log.Logger;
import org.osgi.service.log.LoggerFactory;

import meshwork.api.inference.InferenceException;
import meshwork.api.inference.InferenceException.ModelUnknown;
import meshwork.api.inference.ModelSettings;
import meshwork.api.inference.Models;

/** Has the model in the box served, unless the node is configured to serve others. */
@Component(immediate = true, service = {})
public final class StarterModel {

	private static final String ID = "starter";

	private final Models models;
	private final Logger log;
	private final Thread loading;
	private volatile boolean serving;

	@Activate
	public StarterModel(BundleContext context, @Reference Models models, @Reference ConfigurationAdmin configurations,
			@Reference(service = LoggerFactory.class) Logger log) throws IOException {
		this.models = models;
		this.log = log;
		loading = servesOthers(configurations.getConfiguration("meshwork.runtime", "?").getProperties())
				? Thread.ofVirtual().unstarted(() -> { })
				: Thread.ofVirtual().name("starter").start(() -> load(context));
	}

	@Deactivate
	public void close() throws InterruptedException {
		loading.interrupt();
		loading.join();
		if (!serving)
			return;
		try {
			models.unload(ID);
		} catch (ModelUnknown e) {
			log.debug("it was unloaded before: {}", e.getMessage());
		}
	}

	private static boolean servesOthers(Dictionary<String, Object> runtime) {
		Object named = runtime == null ? null : runtime.get("models");
		return named instanceof String[] several ? several.length > 0 : named != null && !named.toString().isBlank();
	}

	private void load(BundleContext context) {
		try {
			Path file = context.getDataFile("starter.gguf").toPath();
			URL packed = context.getBundle().getEntry("starter.gguf");
			if (!Files.exists(file) || Files.size(file) != packed.openConnection().getContentLengthLong()) {
				Path half = file.resolveSibling("starter.gguf.part");
				try (InputStream in = packed.openStream()) {
					Files.copy(in, half, StandardCopyOption.REPLACE_EXISTING);
				}
				Files.move(half, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
			}
			models.load(new ModelSettings(file, Optional.of(ID), 0, 0, 0));
			serving = true;
		} catch (IOException | InferenceException e) {
			log.error("the starter model is not served: {}", e.getMessage(), e);
		}
	}
}
