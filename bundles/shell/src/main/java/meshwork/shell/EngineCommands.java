package meshwork.shell;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.annotations.GogoCommand;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

import meshwork.api.engine.Engine;
import meshwork.api.engine.EngineDescription;
import meshwork.api.inference.Models;
import meshwork.api.inference.ServedModel;

/** {@code mesh:engines}. */
@Component(service = EngineCommands.class)
@GogoCommand(scope = "mesh", function = "engines")
public final class EngineCommands {

	private final BundleContext context;
	private final Services services;

	@Activate
	public EngineCommands(BundleContext context) {
		this.context = context;
		services = new Services(context);
	}

	@Descriptor("lists the engines of this node, and the models that each of them runs")
	public void engines() throws InvalidSyntaxException {
		Collection<ServiceReference<Engine>> engines = context.getServiceReferences(Engine.class, null);
		if (engines.isEmpty()) {
			System.out.println("no engines; mesh:status shows what did not start");
			return;
		}
		var table = new Table("ENGINE", "VERSION", "BACKEND", "FORMATS", "BUNDLE", "MODELS", "DETAIL");
		List<ServedModel> models = services.with(Models.class, Models::list);
		for (ServiceReference<Engine> engine : engines.stream().sorted(Comparator.reverseOrder()).toList()) {
			Bundle bundle = engine.getBundle();
			if (bundle == null)
				continue;
			table.row(text(engine, Engine.NAME), text(engine, Engine.VERSION), text(engine, Engine.BACKEND), text(engine, Engine.FORMATS),
					bundle.getSymbolicName() + " " + bundle.getVersion(), served(models, text(engine, Engine.NAME)),
					services.with(engine, Engine::description).map(EngineDescription::detail).orElse("gone"));
		}
		table.print(System.out);
	}

	/** A model names its engine with the version. */
	private static String served(List<ServedModel> models, String engine) {
		return models.stream()
				.filter(model -> model.facts().filter(facts -> facts.engine().equals(engine) || facts.engine().startsWith(engine + " ")).isPresent())
				.map(ServedModel::id).collect(Collectors.joining(" "));
	}

	private static String text(ServiceReference<?> reference, String property) {
		return switch (reference.getProperty(property)) {
			case null -> "";
			case Object[] several -> Arrays.stream(several).map(Object::toString).collect(Collectors.joining(" "));
			case Object one -> one.toString();
		};
	}
}
