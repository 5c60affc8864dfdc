"""Spanish."""

from __future__ import annotations

from typing import Final

from .table import Lexicon, Question, listed

_ENDINGS: Final = (
    "ciones",
    "cion",
    "ando",
    "iendo",
    "arlo",
    "arla",
    "arse",
    "ado",
    "ada",
    "ar",
    "er",
    "ir",
    "es",
    "s",
)


def stem(word: str) -> str:
    """Take inflection away where enough of the word is left; the gender stays, it may matter."""
    if len(word) < 5:
        return word
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


def participle(word: str) -> bool:
    """Whether a form may stand behind what it is done to."""
    return word.endswith(("ado", "ada", "ido", "ida"))


LEXICON: Final = Lexicon(
    code="es",
    stem=stem,
    participle=participle,
    function=(
        "el la los las lo un una unos unas yo tu el ella usted nosotros ellos ellas ustedes me te "
        "se nos os le les mi mis su sus tus nuestro nuestra este esta estos estas ese esa eso esto "
        "aquel que si tambien muy ya asi pues es ser estar haber he hay puedo puede puedes pueden "
        "podria debo debe debes tengo tiene tienen tienes hacer hago hace quiero quisiera hola "
        "gracias favor "
        "todo todos toda todas cada algun alguno alguna algunos ningun ninguno ninguna ambos mas "
        "no como al del y o cual cuales"
    ),
    soft=(
        "manera forma formas metodo modo paso pasos proceso procedimiento cosa cosas decir dime "
        "explicar explica explicame mostrar ayuda ayudar ayudame dar dame posible mejor mejores "
        "bueno buena idea consejo consejos necesito necesitar saber conocer gente persona personas "
        "significa significado ejemplo tipo clase razon diferencia funciona usar utilizar simple "
        "facilmente rapidamente correctamente pregunta respuesta informacion encontrar "
        "exactamente normalmente entender"
    ),
    negations="no nunca jamas nada nadie sin ni tampoco ningun ninguno ninguna",
    opposites=(
        "activar activo activa encender habilitar desbloquear | desactivar desactivo desactiva "
        "apagar deshabilitar bloquear",
        "antes | despues",
        "aumentar subir incrementar | disminuir bajar reducir",
        "mas mayor | menos menor",
        "maximo maxima | minimo minima",
        "comprar compra | vender venta",
        "enviar mandar | recibir",
        "remitente | destinatario",
        "primero primer primera | ultimo ultima",
        "depositar ingresar deposito | retirar sacar retiro",
        "prestar | pedir_prestado",
        "importar importacion | exportar exportacion",
        "subir cargar | descargar bajar",
        "instalar | desinstalar",
        "agregar anadir | eliminar quitar borrar",
        "crear abrir | eliminar cerrar borrar",
        "empezar comenzar iniciar | terminar acabar parar detener finalizar",
        "abrir abierto abren apertura | cerrar cerrado cierran cierre",
        "aceptar permitir aprobar | rechazar prohibir denegar",
        "conectar | desconectar",
        "suscribir suscribirse suscribirme | cancelar",
        "ganar | perder",
        "amar | odiar",
        "seguro | peligroso inseguro",
        "legal | ilegal",
        "ventaja ventajas | desventaja desventajas",
        "causa causas | efecto efectos consecuencias",
        "caliente calor | frio",
        "grande | pequeno pequena",
        "alto alta | bajo baja",
        "largo larga | corto corta",
        "rapido | lento despacio",
        "viejo antiguo | joven nuevo",
        "rico | pobre",
        "hombre hombres chico masculino | mujer mujeres chica femenino",
        "padre | madre",
        "hijo | hija",
        "hermano | hermana",
        "dificil | facil",
        "barato | caro",
        "mejor bueno | peor malo",
        "fuerte | debil",
        "verdadero | falso",
        "izquierda | derecha",
        "dentro interior | fuera exterior",
        "arriba encima | abajo debajo",
        "interno | externo",
        "entrada | salida",
        "llegada | salida partida",
        "temprano | tarde",
        "dia | noche",
        "verano | invierno",
        "mismo igual | diferente",
        "publico | privado",
        "positivo | negativo",
        "soltero | casado",
        "empleador | empleado trabajador",
        "propietario | inquilino",
        "vendedor | comprador",
        "nacional | internacional",
        "bruto | neto",
        "con | sin",
        "siempre | nunca jamas",
        "vivo | muerto",
        "ida | vuelta",
        "sumar | restar",
        "multiplicar | dividir",
        "cifrar | descifrar",
        "contratar | despedir",
        "mostrar | ocultar",
        "proximo proxima | pasado pasada",
        "lleno | vacio",
    ),
    synonyms=(
        "activar activo activa activan",
        "desactivar desactivo desactiva desactivan",
        "abrir abro abre abren abierto abiertos",
        "comprar adquirir",
        "empezar comenzar iniciar empieza comienza inicia empiezan comienzan",
        "cambiar modificar cambio",
        "coche carro auto automovil vehiculo",
        "telefono movil celular smartphone",
        "precio costo coste tarifa cuesta costar",
        "contrasena clave password",
        "empresa compania",
        "trabajo empleo",
        "perdi perdido perder",
        "robado robaron robo",
        "pedir pedido solicitar solicitud",
        "eliminar borrar",
        "cancelar cancelacion anular",
        "entrega envio",
        "pagar pago abonar",
        "reembolso devolucion reembolsar",
        "restablecer recuperar",
        "arreglar reparar solucionar resolver",
        "tienda comercio",
        "medico doctor",
        "pelicula film",
        "transferir transferencia",
        "nino chico",
        "ordenador computadora",
        "obtener conseguir",
    ),
    acts=(
        "usar utilizar",
        "encontrar",
        "mostrar",
        "dar",
        "funciona",
        "entender",
    ),
    classes=(
        "rojo azul verde amarillo negro blanco naranja morado rosa marron gris",
        "perro gato caballo vaca cerdo conejo pajaro pez",
        "espana francia alemania italia portugal mexico argentina colombia chile peru china japon",
        "madrid barcelona valencia sevilla bilbao lisboa paris londres berlin roma",
        "ingles aleman frances espanol italiano portugues chino japones ruso arabe",
        "windows linux macos mac android ios iphone",
        "primavera verano otono invierno",
        "autobus tren avion taxi bicicleta coche",
        "nino adulto adolescente estudiante jubilado",
    ),
    quantifiers=(
        "todo todos toda todas cada siempre",
        "algun alguno alguna algunos algunas varios",
        "ningun ninguno ninguna nadie nada nunca",
        "solo solamente unicamente",
        "mayoria",
        "pocos pocas",
        "ambos ambas",
    ),
    numbers=dict(
        zip(
            listed(
                "cero dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce "
                "quince dieciseis diecisiete dieciocho diecinueve veinte veintiuno veintidos "
                "veintitres veinticuatro veinticinco veintiseis veintisiete veintiocho "
                "veintinueve"
            ),
            (0, *range(2, 30)),
            strict=True,
        )
    )
    | {
        "treinta": 30,
        "cuarenta": 40,
        "cincuenta": 50,
        "sesenta": 60,
        "setenta": 70,
        "ochenta": 80,
        "noventa": 90,
        "cien": 100,
        "ciento": 100,
        "doscientos": 200,
        "trescientos": 300,
        "quinientos": 500,
        "mil": 1000,
        "millon": 10**6,
        "millones": 10**6,
        "docena": 12,
    },
    ordinals={
        "segundo": 2,
        "segunda": 2,
        "tercero": 3,
        "tercer": 3,
        "tercera": 3,
        "cuarto": 4,
        "quinto": 5,
    },
    ones="un uno una",
    joiners="y",
    months=(
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre setiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ),
    weekdays=(
        "lunes",
        "martes",
        "miercoles",
        "jueves",
        "viernes",
        "sabado sabados",
        "domingo domingos",
    ),
    units=(
        "second segundos",
        "minute minuto minutos",
        "hour hora horas",
        "day dia dias diario",
        "week semana semanas semanal",
        "month mes meses mensual",
        "year ano anos anual",
        "km kilometro kilometros",
        "meter metro metros",
        "cm centimetro centimetros",
        "mile milla millas",
        "kg kilo kilos kilogramo kilogramos",
        "gram gramo gramos",
        "litre litro litros",
        "eur euro euros",
        "usd dolar dolares",
        "celsius grado grados",
    ),
    questions={
        "cuanto_tiempo": Question.HOW_LONG,
        "cuanto_tarda": Question.HOW_LONG,
        "a_que_hora": Question.WHEN,
        "cuanto": Question.HOW_MUCH,
        "cuanta": Question.HOW_MUCH,
        "cuantos": Question.HOW_MUCH,
        "cuantas": Question.HOW_MUCH,
        "quien": Question.WHO,
        "quienes": Question.WHO,
        "donde": Question.WHERE,
        "adonde": Question.WHERE,
        "cuando": Question.WHEN,
        "por_qué": Question.WHY,
        "cómo": Question.HOW,
        "qué": Question.WHAT,
        "cuál": Question.WHICH,
    },
    openers="es son esta estan era puedo puede hay tiene",
    past="era eran fue fueron estaba",
    present="es son esta estan",
    future="sera seran",
    passives="ser es son se",
    conditionals="si seria",
    source="de desde",
    target="a al hacia hasta",
    relations=(
        "antes",
        "despues tras",
        "durante",
        "desde",
        "hasta",
        "sobre",
        "bajo",
        "con",
        "sin",
        "contra",
    ),
    conjunctions="y e o u entre",
    prepositions="en por para con sin sobre bajo contra durante segun tras ante del antes despues",
)
