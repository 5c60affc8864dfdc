"""Portuguese."""

from __future__ import annotations

from typing import Final

from .table import Lexicon, Question, listed

_ENDINGS: Final = ("acoes", "acao", "ando", "endo", "ado", "ada", "ar", "er", "ir", "es", "s")


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
    code="pt",
    stem=stem,
    participle=participle,
    function=(
        "o a os as um uma uns umas eu tu ele ela voce nos eles elas voces me te se lhe meu "
        "minha meus "
        "minhas teu tua seu sua seus suas nosso nossa este esta estes estas esse essa isso isto "
        "aquele que tambem muito ja assim ser estar ter haver tenho tem temos posso pode podem "
        "poderia devo deve preciso fazer faco faz quero gostaria ola oi obrigado favor todo todos "
        "toda todas cada algum alguma alguns algumas nenhum nenhuma ambos mais nao como do da dos "
        "das no na nos nas ao pelo pela num numa qual quais"
    ),
    soft=(
        "maneira forma formas metodo modo passo passos processo procedimento coisa coisas "
        "dizer diga "
        "explicar explique mostrar ajuda ajudar dar possivel melhor melhores bom boa ideia dica "
        "dicas conselho precisa precisar saber conhecer gente pessoa pessoas significa significado "
        "exemplo tipo razao motivo diferenca funciona usar utilizar simples facilmente rapidamente "
        "corretamente pergunta resposta informacao encontrar exatamente normalmente entender "
        "consigo"
    ),
    negations="nao nunca jamais nada ninguem sem nem nenhum nenhuma",
    opposites=(
        "ativar ativo ativa ligar habilitar desbloquear | desativar desativo desativa desligar "
        "desabilitar bloquear",
        "antes | depois apos",
        "aumentar subir | diminuir reduzir baixar",
        "mais maior | menos menor",
        "maximo maxima | minimo minima",
        "comprar compra | vender venda",
        "enviar mandar | receber",
        "remetente | destinatario",
        "primeiro primeira | ultimo ultima",
        "depositar deposito | sacar levantar retirar saque",
        "emprestar | pedir_emprestado",
        "importar importacao | exportar exportacao",
        "carregar | baixar descarregar",
        "instalar | desinstalar",
        "adicionar acrescentar | remover excluir apagar eliminar",
        "criar abrir | excluir fechar apagar encerrar",
        "comecar iniciar | terminar acabar parar",
        "abrir aberto abre abertura | fechar fechado fecha encerramento",
        "aceitar permitir aprovar | recusar proibir rejeitar negar",
        "conectar entrar | desconectar sair",
        "assinar inscrever | cancelar",
        "ganhar | perder",
        "amar | odiar",
        "seguro | perigoso inseguro",
        "legal | ilegal",
        "vantagem vantagens | desvantagem desvantagens",
        "causa causas | efeito efeitos consequencias",
        "quente calor | frio",
        "grande | pequeno pequena",
        "alto alta | baixo baixa",
        "longo longa comprido | curto curta",
        "rapido | lento devagar",
        "velho antigo | jovem novo",
        "rico | pobre",
        "homem homens menino masculino | mulher mulheres menina feminino",
        "pai | mae",
        "filho | filha",
        "irmao | irma",
        "dificil | facil",
        "barato | caro",
        "melhor bom | pior mau",
        "forte | fraco",
        "verdadeiro | falso",
        "esquerda | direita",
        "dentro interior | fora exterior",
        "cima acima | baixo abaixo",
        "interno | externo",
        "entrada | saida",
        "chegada | partida saida",
        "cedo | tarde",
        "dia | noite",
        "verao | inverno",
        "mesmo igual | diferente",
        "publico | privado",
        "positivo | negativo",
        "solteiro | casado",
        "empregador | empregado",
        "proprietario | inquilino",
        "vendedor | comprador",
        "nacional | internacional",
        "bruto | liquido",
        "com | sem",
        "sempre | nunca jamais",
        "vivo | morto",
        "ida | volta",
        "somar | subtrair",
        "contratar | demitir",
        "mostrar | ocultar esconder",
        "proximo proxima | passado passada",
        "cheio | vazio",
    ),
    synonyms=(
        "ativar ativo ativa",
        "desativar desativo desativa",
        "abrir abro abre abrem aberto criar",
        "comprar adquirir",
        "comecar iniciar comeca inicia comecam iniciam",
        "mudar alterar modificar trocar",
        "carro automovel veiculo",
        "telefone celular telemovel smartphone",
        "preco custo tarifa custa custar taxa",
        "senha password palavra-passe",
        "empresa companhia",
        "trabalho emprego",
        "perdi perdido perder",
        "roubado roubo roubaram",
        "pedir pedido solicitar solicitacao",
        "excluir apagar eliminar remover",
        "cancelar cancelamento",
        "entrega envio",
        "pagar pagamento",
        "reembolso reembolsar",
        "devolver devolucao",
        "redefinir recuperar",
        "consertar reparar resolver",
        "loja comercio",
        "medico doutor",
        "crianca menino",
        "transferir transferencia",
        "obter conseguir",
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
        "vermelho azul verde amarelo preto branco laranja roxo rosa marrom castanho cinza",
        "cachorro cao gato cavalo vaca porco coelho passaro peixe",
        "brasil portugal espanha franca alemanha italia angola mocambique china japao",
        "lisboa porto coimbra braga paris londres berlim roma madrid recife salvador",
        "ingles alemao frances espanhol italiano portugues chines japones russo arabe",
        "windows linux macos mac android ios iphone",
        "primavera verao outono inverno",
        "onibus autocarro trem comboio aviao taxi bicicleta carro",
        "crianca adulto adolescente estudante aposentado",
    ),
    quantifiers=(
        "todo todos toda todas cada sempre",
        "algum alguma alguns algumas varios",
        "nenhum nenhuma ninguem nada nunca",
        "so somente apenas unicamente",
        "maioria",
        "poucos poucas",
        "ambos ambas",
    ),
    numbers=dict(
        zip(
            listed(
                "zero dois tres quatro cinco seis sete oito nove dez onze doze treze catorze "
                "quinze dezesseis dezessete dezoito dezenove"
            ),
            (0, *range(2, 20)),
            strict=True,
        )
    )
    | {
        "duas": 2,
        "dezasseis": 16,
        "dezassete": 17,
        "dezanove": 19,
        "vinte": 20,
        "trinta": 30,
        "quarenta": 40,
        "cinquenta": 50,
        "sessenta": 60,
        "setenta": 70,
        "oitenta": 80,
        "noventa": 90,
        "cem": 100,
        "cento": 100,
        "duzentos": 200,
        "quinhentos": 500,
        "mil": 1000,
        "milhao": 10**6,
        "milhoes": 10**6,
        "duzia": 12,
    },
    ordinals={"terceiro": 3, "terceira": 3, "quinto": 5},
    ones="um uma",
    joiners="e",
    months=(
        "janeiro",
        "fevereiro",
        "marco",
        "abril",
        "maio",
        "junho",
        "julho",
        "agosto",
        "setembro",
        "outubro",
        "novembro",
        "dezembro",
    ),
    weekdays=(
        "segunda segunda-feira",
        "terca terca-feira",
        "quarta quarta-feira",
        "quinta quinta-feira",
        "sexta sexta-feira",
        "sabado",
        "domingo",
    ),
    units=(
        "second segundos",
        "minute minuto minutos",
        "hour hora horas",
        "day dia dias diario",
        "week semana semanas semanal",
        "month mes meses mensal",
        "year ano anos anual",
        "km quilometro quilometros",
        "meter metro metros",
        "cm centimetro centimetros",
        "mile milha milhas",
        "kg quilo quilos quilograma quilogramas",
        "gram grama gramas",
        "litre litro litros",
        "brl real reais",
        "eur euro euros",
        "usd dolar dolares",
        "celsius grau graus",
    ),
    questions={
        "quanto_tempo": Question.HOW_LONG,
        "que_horas": Question.WHEN,
        "quanto": Question.HOW_MUCH,
        "quanta": Question.HOW_MUCH,
        "quantos": Question.HOW_MUCH,
        "quantas": Question.HOW_MUCH,
        "quem": Question.WHO,
        "onde": Question.WHERE,
        "aonde": Question.WHERE,
        "quando": Question.WHEN,
        "por_que": Question.WHY,
        "porque": Question.WHY,
        "como": Question.HOW,
        "qual": Question.WHICH,
        "quais": Question.WHICH,
    },
    openers="e sao era posso pode ha",
    past="era eram foi foram estava",
    present="e sao esta estao",
    future="sera serao",
    passives="ser e sao se",
    conditionals="se seria",
    source="de desde do da",
    target="a ao para ate",
    relations=(
        "antes",
        "depois apos",
        "durante",
        "desde",
        "ate",
        "sobre",
        "sob",
        "com",
        "sem",
        "contra",
    ),
    conjunctions="e ou entre",
    prepositions="em por com sem sobre sob contra durante antes depois no na nos nas",
)
