// What people write when the language is not English, put together from parts as in workload-phrases.mjs, and
// what all classes have in common: roles, frames around the text, things of a programmer's day.
// {Z} stands for a text in the same language, {D} for a topic. Written for this project.

const list = (text) => text.trim().split(/\s*\n\s*/);
const words = (text) => text.trim().split(/\s+/);

// ---- Chinese ----

const zhTexts = list(`
  今天下午市政府宣布，新的地铁线路将于明年春天开通，预计每天可运送二十万名乘客。沿线居民表示期待，但也有人担心房租上涨。
  这家餐厅的菜味道很好，服务员也很热情，就是等位时间太长了，下次还会再来。
  手机用了三天就坏了，客服一直不回复，非常失望。
  近年来，随着人工智能技术的发展，越来越多的企业开始使用自动化工具来提高效率，同时也带来了就业方面的挑战。
  研究人员发现，经常散步的老年人睡眠质量更好，心脏病的风险也更低。该研究持续了十年，共有五千人参加。
  昨晚的比赛中，主队以三比一战胜对手，前锋打进两球。
  尊敬的客户，您的账户存在异常，请立即点击链接确认您的密码。
  我喜欢在周末和朋友一起去爬山，然后在山顶喝一杯热茶。
  由于暴雨，多趟列车晚点，铁路部门提醒旅客提前查询车次信息。
  这部电影的画面很美，但是剧情有些拖沓，结尾让人意外。
  春天来了，花园里的樱花都开了，孩子们在树下奔跑。
  公司第三季度收入同比增长百分之十二，主要得益于海外市场的扩大。
  他从小就对音乐感兴趣，六岁开始学钢琴，后来成为一名作曲家。
  水在标准大气压下一百摄氏度沸腾。
  请问这件衣服有没有大一号的？我想换货。
  城市的发展离不开交通。过去十年里，政府修建了多条高速公路和铁路，使居民出行更加方便，也让周边地区的经济得到了带动。不过，车辆的增加造成了拥堵和空气污染，因此专家建议优先发展公共交通。
  长时间使用电脑会使眼睛疲劳。医生提醒，每工作一小时应该休息十分钟，看看远处，做做眼保健操，同时保证充足的睡眠和合理的饮食。
  客服：您好，请问有什么可以帮您？客户：我上周买的耳机没有声音。客服：请您先检查一下蓝牙是否打开。客户：已经打开了，还是不行。客服：那我们为您安排换货。
  记者：您是怎样开始写小说的？作家：小时候我常常听祖母讲故事，后来就把它们写了下来。记者：您最想对年轻人说什么？作家：多读书，不要怕失败。
  日期,商品,数量,金额\n4月1日,牛奶,12,60\n4月2日,面包,8,40\n4月3日,鸡蛋,30,45
  本产品采用锂电池供电，充满电可以连续使用八小时。首次使用前请阅读说明书，避免在潮湿的环境中存放，儿童应在家长的陪同下使用。
  这座古城建于明代，城墙保存完好，城内有许多寺庙和传统民居。每年都有数百万游客来到这里，当地居民靠旅游业生活，同时也努力保护历史文化遗产。
  该公司成立于一九九八年，总部位于深圳，主要从事通信设备的研发和销售。经过二十多年的努力，它已经成为行业中的重要企业，产品出口到一百多个国家。
  小张每天早上七点出门上班。有一天，他在路上遇到了一位迷路的老人，便把老人送回了家，结果迟到了。经理知道原因以后，不但没有批评他，还表扬了他。
  农业是国民经济的基础，粮食安全关系到国家的稳定。随着人口的增长和耕地的减少，需要依靠科学技术提高产量，保护环境，实现可持续的发展。
  网络购物改变了人们的生活方式。消费者可以随时随地比较价格，选择自己需要的商品，但是也要注意保护个人信息，避免上当受骗。
  他在比赛中表现出色，获得了冠军。赛后他表示，这个成绩离不开教练的指导和队友的支持，接下来将继续努力训练，为明年的世界锦标赛做好准备。
  根据最新的统计数据，今年前两个月的出口总额比去年下降了百分之三，其中机电产品占一半以上，而进口额则有所增长。
  [信息] 用户登录成功 [信息] 用户查看订单 [警告] 支付超时 [信息] 用户重新支付 [信息] 订单完成
  明天早上九点开会，请带上报告。
  The meeting was moved to Friday because the manager is travelling.
  I would like to book a table for two people tonight.
`);
const zhTopics = words(`环境保护 春节 健康饮食 人工智能 中国历史 唐诗 旅行 咖啡 足球 时间管理 太阳系 气候变化 量子力学 面试 友谊 秋天 一只猫 恐龙 新产品 智能手机 在线教育
  睡眠 火山 互联网 月亮 父母 城市交通 读书 茶文化 电影 减肥 职业规划 机器人 大海 故乡 垃圾分类 区块链 光合作用 海洋污染`);
const zhCode = list(`
  计算两个数的最大公约数
  对列表进行排序
  判断一个字符串是否为回文
  读取CSV文件并求平均值
  实现二分查找
  反转链表
  统计文本中每个单词出现的次数
  从网页上抓取所有链接
  生成随机密码
  连接数据库并查询用户表
  打印斐波那契数列
  实现一个简单的计算器
  把十进制转换成二进制
  找出数组中的最大值
  发送电子邮件
  画一个折线图
`);
const zhPlease = ["", "", "请", "请你", "请帮我", "帮我", "能否", "你能", "我需要你", "你好，请"];
const zhWhich = ["以下", "下面的", "下面这段", "这段", "这篇", "给定的", "下列", "以下这段", "这个", "如下", "该"];
const zhNoun = words("文章 文本 新闻 段落 内容 报道 文字 对话 故事 邮件 短文 话 评论 材料");
const zhEnd = ["：\n{Z}", "：{Z}", "。\n{Z}", "。\n\n{Z}", "：\n\n“{Z}”", "\n输入：{Z}", "\n{Z}\n输出：", "\n文本：{Z}"];
const zhTongue = words("英文 英语 中文 法语 日语 德语 西班牙语 韩语 俄语 意大利语 阿拉伯语 葡萄牙语");
const zhLabels = ["正面、负面", "正面或负面", "积极、消极、中性", "体育、财经、科技、娱乐", "垃圾邮件或正常邮件", "是或否", "疑问句、陈述句、感叹句", "水果、蔬菜、肉类", "咨询、投诉、建议", "真、假", "事实或观点", "名词、动词、形容词", "哺乳动物、鸟类、鱼类", "紧急、普通"];

// ---- Japanese, Korean ----

const jaTexts = list(`
  昨日の会議で、来月から新しい制度を始めることが決まった。社員からは期待と不安の声が上がっている。
  この商品はとても使いやすくて気に入りました。また買いたいです。
  届いた商品が壊れていました。返金してください。
  東京では明日から気温が下がり、週末には雪が降る可能性があります。
  彼は毎朝公園を走り、その後コーヒーを飲みながら新聞を読む。
  研究チームは、植物の成長を早める新しい方法を見つけたと発表した。
`);
const koTexts = list(`
  시 정부는 내년 봄에 새 지하철 노선을 개통한다고 밝혔다. 주민들은 기대하고 있지만 집값 상승을 걱정하는 사람도 있다.
  배송이 빠르고 품질도 좋아서 아주 만족합니다.
  음식은 맛있었지만 서비스가 너무 느렸어요.
  연구진은 매일 걷는 노인의 수면의 질이 더 좋다는 사실을 발견했다.
  내일 오전 아홉 시에 회의가 있습니다.
`);
const jaTopics = words("桜 京都 健康 人工知能 宇宙 猫 面接 料理 環境問題 音楽 旅行 夏休み 歴史 睡眠");
const koTopics = words("봄 서울 건강 인공지능 우주 고양이 면접 요리 환경 음악 여행 역사 수면 친구");

export const tongues = [
  {
    name: "zh", texts: zhTexts, topics: zhTopics,
    grammar: {
      summarization: [
        [zhPlease, words("总结 概括 归纳 提炼 简述 概述 简要总结 简要概括 总结一下 概括一下 压缩 缩写"), zhWhich, zhNoun, ["", "", "的主要内容", "的要点", "的中心思想", "的核心观点", "，不超过五十字", "的大意", "，用一句话"], zhEnd],
        [zhPlease, ["为", "给", "对"], zhWhich, zhNoun, ["写一个摘要", "写一段总结", "生成摘要", "做一个简短的总结", "写出概要", "进行总结", "进行概括"], zhEnd],
        [["{Z}\n", "{Z}\n\n"], zhPlease, ["总结", "概括", "归纳", "用一句话概括"], ["以上", "上面的", "上述"], zhNoun, ["", "的要点", "的主要内容", "。"]],
        [zhPlease, ["给出", "写出", "生成", "列出", "提供", "整理"], ["下文", "以下文章", "这段话", "以下文本", "该报道", "上面这段对话", "以下采访内容", "会议记录"], ["的一句话总结", "的摘要", "的核心观点", "的三个要点", "的主要信息", "的总结", "的关键内容"], zhEnd],
        [zhPlease, ["根据", "基于", "针对"], zhWhich, zhNoun, ["", "，"], ["总结其摘要", "生成一个摘要", "写一个总结", "总结其中最重要的信息", "用一句话总结", "总结主要事件", "写出内容概要", "提炼要点"], zhEnd],
        [zhPlease, ["摘要", "用一句话总结", "用几句话概括", "总结", "简要总结"], zhWhich, zhNoun.concat("表格", "数据", "采访"), ["", "的核心信息", "中的重要内容"], zhEnd],
        [["{Z}\n", "{Z}\n\n"], ["请用一句话总结。", "总结一下", "以上内容的摘要是什么？", "请概括这段对话。", "这段文字的要点是什么？", "请为上文写摘要"]],
        [["这", "以下", "下面这"], ["篇文章", "段话", "则新闻", "段文字"], ["主要讲了什么", "的主要内容是什么", "的中心思想是什么", "说了什么"], ["？\n{Z}", "？{Z}"]],
      ],
      classification: [
        [zhPlease, ["判断", "确定", "识别", "分析", "检测", "评估"], zhWhich, zhNoun, ["的情感", "的情感倾向", "的情感极性", "的情绪", "是否为垃圾邮件", "是正面还是负面", "是积极的还是消极的", "是事实还是观点", "的类别", "属于哪个类别", "属于哪种类型", "的主题类别", "的意图"], ["", "", "（{C}）", "，从{C}中选择"], zhEnd],
        [zhPlease, ["将", "把", "对"], zhWhich, zhNoun.concat("句子", "词语", "单词", "动物", "物品", "项目"), ["分类", "进行分类", "归类", "分为{C}", "分类为{C}", "归类到正确的类别", "分成不同的类别", "按主题分类", "按照{C}进行分类"], zhEnd],
        [["根据", "按照"], ["内容", "描述", "主题", "情感"], ["，", ""], ["将", "把"], zhWhich, zhNoun, ["分类", "归类", "分为{C}"], zhEnd],
        [["{Z}\n"], ["这句话", "这条评论", "上面的文本", "这封邮件", "该新闻"], ["是正面还是负面", "属于哪一类", "属于以下哪个类别：{C}", "的情感是什么", "是垃圾邮件吗"], ["？", "？回答{C}。"]],
        [zhPlease, ["从{C}中", "在以下类别中", "从下列选项中"], ["选择", "选出"], ["最合适的类别", "文本的类别", "正确的标签"], zhEnd],
      ],
      code: [
        [zhPlease, ["写", "编写", "写出", "实现", "设计", "创建", "开发", "给出", "生成", "写一个", "编写一个"], ["", "一个", "一段"], ["{P}", "{P}", "{P} ", ""], ["程序", "函数", "脚本", "代码", "算法", "类", "方法", "代码片段", "SQL查询", "正则表达式"], ["，", "来", "，用于", "，实现以下功能："], ["{g}"], ["", "。"]],
        [zhPlease, ["用", "使用", "利用"], ["{P}", "{P}语言"], ["编写", "写", "实现", "写一个程序", "写一个函数", "编程"], ["，", "", "来"], ["{g}"], ["", "。"]],
        [["如何用", "怎样用", "怎么在", "如何使用"], ["{P}"], ["", "中"], ["{g}"], ["？"]],
        [["", "请"], ["解释", "修改", "优化", "调试", "检查", "补全", "重构", "说明"], ["以下", "下面的", "这段", "给定的"], ["代码", "函数", "程序", "{P}代码"], ["", "中的错误", "的作用"], ["：\n{K}"]],
        [["下面的", "这段"], ["代码", "程序", "函数"], ["为什么报错", "有什么问题", "的输出是什么", "是做什么的"], ["？\n{K}"]],
      ],
      translation: [
        [zhPlease, ["将", "把"], zhWhich, zhNoun.concat("句子", "单词", "英文"), ["翻译成", "翻译为", "译成", "译为", "转换成"], ["{l}"], zhEnd],
        [zhPlease, ["翻译", "翻译一下", "翻译成{l}"], ["：{Z}", "这句话：{Z}", "\n{Z}", "以下内容：{Z}"]],
        [["{Z}\n", "“{Z}”"], ["用", "翻译成"], ["{l}"], ["怎么说？", "。", ""]],
        [["你是一名专业翻译，", "作为翻译，"], ["将用户的文字翻译成{l}", "请把下面的内容译成{l}"], ["。", zhEnd[0]]],
      ],
      chat: [
        [zhPlease, ["写", "创作", "写出", "撰写", "编写", "生成", "构思"], ["一首关于", "一篇关于", "一个关于", "一封关于", "一段关于", "一份关于"], ["{D}"], ["的诗", "的文章", "的故事", "的邮件", "的对话", "的广告语", "的演讲稿", "的计划", "的报告", "的产品描述", "的新闻稿", "的短文"], ["。", "", "，不少于三百字。"]],
        [zhPlease, ["解释", "介绍", "描述", "说明", "谈谈", "讲讲", "分析", "列出", "提供", "推荐", "比较"], ["", "一下", "五个", "三种"], ["{D}"], ["", "的好处", "的影响", "的原因", "的定义", "的例子", "的方法", "的优缺点", "的特点", "的历史", "的步骤", "的建议"], ["。", ""]],
        [["什么是", "为什么", "如何看待", "怎样学习", "如何理解", "你喜欢", "谁发明了", "如何准备", "怎么解决"], ["{D}"], ["？", ""]],
        [["{D}"], ["是什么", "有哪些类型", "有什么好处", "为什么重要", "对我们有什么影响", "的起源是什么", "的主要原因是什么", "应该怎么做"], ["？"]],
        [zhPlease, ["根据", "基于", "阅读"], zhWhich, zhNoun, ["回答问题", "，回答下面的问题", "，提取人名", "，提取关键词", "，找出时间和地点", "，提取所有日期", "，抽取其中的实体", "续写结局", "写一个标题", "写一篇评论", "提出三个问题"], zhEnd],
        [zhPlease, ["改写", "润色", "重写", "扩写", "修改", "续写", "重新组织", "替换", "纠正", "完善"], zhWhich, ["句子", "文本", "段落", "故事", "文章", "邮件"], ["", "，使其更正式", "，使其更生动", "中的语法错误", "，让它更有说服力", "，用不同的词语", "，改成被动句", "，使它更通顺"], zhEnd],
        [["小明", "一辆汽车", "一个长方形", "商店", "农场", "小红", "某工厂"], ["有12个苹果", "每小时行驶60公里", "的长是8米，宽是5米", "卖出了45件商品", "有36只鸡和兔", "买了三本书，每本15元", "每天生产200个零件"], ["，"], ["一共有多少", "面积是多少", "需要几个小时", "还剩多少", "总价是多少", "求答案", "平均每天是多少"], ["？"]],
        [["计算", "求解", "解方程", "求", "请计算"], ["：", "以下算式：", ""], ["3x+5=20", "125×8-36", "x的平方-4=0", "一百以内所有质数的和", "25%的240", "(12+8)÷4"], ["", "。", "的值。"]],
        [["扮演", "假设你是", "想象你是", "你是", "假如你是"], ["一名医生", "一位老师", "一名导游", "古代的诗人", "一名面试官", "一只猫", "一位厨师", "一名客服"], ["，"], ["给我一些关于{D}的建议。", "介绍{D}。", "写一篇日记。", "回答我的问题。", "为我制定一个计划。"]],
        [zhPlease, ["根据", "基于", "按照", "参考", "结合", "使用", "针对"], ["以下", "下面的", "给定的", "所给的", "如下", "提供的"], ["信息", "描述", "主题", "情境", "关键词", "数据", "要求", "条件", "句子", "文本", "观点", "材料", "背景", "提示"], ["撰写", "写", "生成", "编写", "创作", "给出", "列出", "提供", "回答", "推荐", "编一个", "提出", "完成", "设计"], ["一份新闻稿", "一个标题", "一个故事", "一组主题词", "关键词列表", "相应问题", "合适的电影", "一段对话", "一个段落", "一封邮件", "一份计划", "一首诗", "一句广告语", "一个结论", "一些建议", "一段小说", "优缺点", "一个问题", "一份菜谱", "解决方案"], ["。\n{Z}", "：{Z}", "：\n{D}", "。\n{D}", "：{D}，{D}"]],
        [zhPlease, ["从"], ["以下", "下面的", "给定的", "这段"], ["文本", "文章", "信息", "新闻", "对话", "句子", "段落"], ["中", "里"], ["抽取", "提取", "找出", "提取出", "抽取出", "列出", "摘录"], ["人名", "地名", "时间", "关于{D}的信息", "出发时间和地点", "公司名称", "所有数字", "关键词", "原因", "联系方式", "实体", "价格", "主要人物", "事件", "三元组"], ["。\n{Z}", "：{Z}", "：\n{Z}"]],
        [zhPlease, ["将", "把"], ["以下", "下列", "这些", "下面的"], ["电影", "数字", "事件", "国家", "城市", "步骤", "单词", "句子", "行星"], ["按照时间排序", "从大到小排列", "重新排列", "按发行年份排序", "按人口排序", "改成过去时", "改为疑问句", "改写成正式的语气", "合并成一个段落", "扩展成一篇文章", "变成一个故事", "用列表表示"], ["：{D}、{D}、{D}", "：{Z}", "。\n{Z}", "：\n{D}，{D}"]],
        [zhPlease, ["为", "给"], ["以下", "下面的", "这篇", "这个", "下列"], ["文本", "文章", "主题", "产品", "公司", "故事", "新闻", "段落", "图片"], ["添加一个标题", "写一个标题", "起一个名字", "写一段介绍", "设计一个口号", "写一个结尾", "写一篇评论", "想三个标题", "写一个广告", "提出改进建议"], ["：{Z}", "：{D}", "。\n{Z}"]],
        [zhPlease, ["从以下选项中选择", "选择", "在下列选项中选出"], ["正确的词汇填空", "正确答案", "合适的词语完成句子", "一个正确的答案", "最合适的词"], ["：", "。"], ["{D}______。A) {D} B) {D} C) {D} D) {D}", "{D}是什么？A. {D} B. {D} C. {D}"]],
        [zhPlease, ["解释", "描述", "介绍", "说明", "定义", "分析", "比较", "简要介绍", "简述", "概述"], ["以下", "下列", "下面的", ""], ["概念", "成语", "词语", "术语", "电影", "书籍", "人物", "场景", "现象", "公司"], ["", "的定义和应用", "的情节和主题", "的历史和背景", "的含义", "的特点", "的区别", "的业务范围", "中人物的情感"], ["：{D}。", "：\n《{D}》", "：{D}和{D}"]],
        [zhPlease, ["写一篇关于", "写一份关于", "总结一下"], ["{D}"], ["的总结", "的现状", "的年终总结", "的发展历程", "的学习心得", "的读后感"], ["。", ""]],
        [["判断", "请判断"], ["以下陈述", "下面的说法", "这个说法"], ["是否正确", "对不对"], ["：{D}是最重要的。", "：\n“{D}比{D}大。”", "，并说明理由：{D}。"]],
        [["给定", "已知", "假设", "如果"], ["一个场景", "一段对话", "两个词", "一个数字序列", "一个公式", "一个问题", "一个人"], ["，"], ["续写后面的内容", "造一个句子", "写出下一个数字", "你会怎么做", "写出可能的回答", "描述他的一天", "解释它的含义", "完成填空"], ["：{Z}", "：{D}", "。{D}"]],
        [["给出", "想出", "提出", "列举", "提供", "设计", "为我推荐"], ["三个", "五个", "十个", "一些", "几种"], ["与{D}有关的", "{D}方面的", ""], ["想法", "建议", "问题", "例子", "名字", "书籍", "同义词", "口号", "活动", "方案", "理由"], ["。", "？", ""]],
      ],
    },
    fills: { l: zhTongue, g: zhCode, C: zhLabels },
  },
  {
    name: "ja", texts: jaTexts, topics: jaTopics,
    grammar: {
      summarization: [[["次の", "以下の", "この"], ["文章", "記事", "テキスト", "ニュース", "会話", "メール"], ["を要約して", "を短くまとめて", "の要点をまとめて", "を一文で要約して", "の概要を書いて"], ["ください。\n{Z}", "ください：{Z}", "。\n\n{Z}"]], [["{Z}\n\n"], ["上の文章を", "これを"], ["要約して", "まとめて"], ["ください。", ""]]],
      classification: [[["次の", "以下の", "この"], ["文", "レビュー", "テキスト", "メール", "コメント"], ["を分類して", "の感情を判定して", "がポジティブかネガティブか判断して", "のカテゴリを選んで", "がスパムかどうか判定して"], ["ください。\n{Z}", "ください：{Z}"]], [["{Z}\n"], ["このレビュー", "この文"], ["は肯定的ですか、否定的ですか？", "はどのカテゴリに属しますか？"]]],
      code: [[["", "{P}で", "{P}を使って"], ["リストをソートする", "CSVを読み込む", "素数を判定する", "文字列を逆にする", "ウェブページを取得する"], ["関数", "プログラム", "スクリプト", "コード"], ["を書いてください。", "を作って"]], [["次の", "この"], ["コード", "関数"], ["を説明して", "のバグを直して", "は何をしますか", "をリファクタリングして"], ["\n{K}"]]],
      translation: [[["次の", "以下の", "この"], ["文", "文章", "テキスト", "メール"], ["を英語に", "を日本語に", "を中国語に", "をフランス語に"], ["翻訳してください", "訳してください", "訳して"], ["：{Z}", "。\n{Z}"]], [["「{Z}」は英語で何と言いますか？"]]],
      chat: [[["{D}"], ["について教えてください", "について詩を書いてください", "とは何ですか？", "の良い点は何ですか？", "についての物語を書いて", "について説明して", "についてアドバイスをください"]], [["", "{D}をテーマに", "小学生向けに", "以下の条件で", "私のために", "あなたは詩人として"], ["俳句", "物語", "歌詞", "日記", "スピーチ", "小説の冒頭", "旅行の計画", "献立", "クイズ", "手紙", "自己紹介", "キャッチコピー", "脚本", "キャラクター設定"], ["を作成してください。", "を書いてください。", "を考えて", "を作って", "を三つ提案してください。"]], [["袋に赤玉が3個と白玉が5個ある。", "時速60kmの車が走る。", "次の方程式を解いてください。", "三角形の辺の長さは3、4、5である。"], ["確率を求めよ。", "何時間かかりますか。", "x+3=10", "面積を求めなさい。"]], [["なぜ", "どうして", "どうすれば", "いつ"], ["{D}"], ["は大切なのですか？", "を学べますか？", "が人気なのですか？"]], [["次の文章を読んで質問に答えてください。", "この文章から名前を抜き出してください。", "次の文を丁寧に書き直してください。"], ["\n{Z}"]]],
    },
    fills: {},
  },
  {
    name: "ko", texts: koTexts, topics: koTopics,
    grammar: {
      summarization: [[["다음 ", "이 ", "아래 "], ["글을 ", "기사를 ", "텍스트를 ", "대화를 "], ["요약해 주세요", "요약해줘", "한 문장으로 요약하세요", "간단히 정리해 주세요"], ["\n{Z}", ": {Z}"]]],
      classification: [[["다음 ", "이 ", "아래 "], ["문장을 ", "리뷰를 ", "메일을 "], ["분류해 주세요", "긍정 또는 부정으로 분류하세요", "카테고리로 나눠 주세요"], ["\n{Z}", ": {Z}"]], [["이 리뷰는 긍정인가요 부정인가요? ", "다음 글의 감정을 판단하세요: ", "스팸인지 판단해 주세요: "], ["{Z}"]]],
      code: [[["{P}로 ", "{P} "], ["리스트를 정렬하는 ", "CSV 파일을 읽는 ", "소수를 판별하는 "], ["함수를 ", "프로그램을 ", "코드를 "], ["작성해 주세요", "만들어줘"]], [["이 코드를 ", "다음 함수를 "], ["설명해 주세요", "고쳐 주세요"], ["\n{K}"]]],
      translation: [[["다음 문장을 ", "이 글을 ", "아래 텍스트를 "], ["영어로 ", "한국어로 ", "일본어로 ", "중국어로 "], ["번역해 주세요", "번역해줘", "번역하세요"], [": {Z}", "\n{Z}"]]],
      chat: [[["{D}"], ["에 대해 알려 주세요", "에 대한 시를 써 주세요", "이란 무엇인가요?", "의 장점은 무엇인가요?", "에 대한 이야기를 써줘", "에 대해 설명해 주세요"]], [["다음 글을 읽고 질문에 답하세요.", "다음 문장을 더 공손하게 바꿔 주세요.", "다음 글에서 이름을 찾아 주세요."], ["\n{Z}"]]],
    },
    fills: {},
  },
];

// Other languages: what is asked in them freely, so that a language nobody knows here is no translation.
export const elsewhere = list(`
  Napiši mi pjesmu o {D}.
  Napiši pesmu na srpskom o jeseni, sa rimom.
  Što misliš o tome?
  Kako se priprema riža?
  Napisz wiersz o {D}.
  Jaka jest stolica Francji?
  Wyjaśnij, czym jest fotosynteza.
  Opowiedz mi o historii Polski
  Napiš báseň o podzimu.
  Jaké je hlavní město Francie?
  Vysvětli, co je inflace.
  Skriv en dikt om havet.
  Vad är huvudstaden i Norge?
  Förklara hur en motor fungerar.
  Hvad er meningen med livet?
  Skriv en historie om en hund.
  Kirjoita runo syksystä.
  Mikä on Ruotsin pääkaupunki?
  Írj egy verset az őszről.
  Mi Franciaország fővárosa?
  Scrie o poezie despre mare.
  Care este capitala Italiei?
  Bana sonbahar hakkında bir şiir yaz.
  Fransa'nın başkenti neresidir?
  Yapay zeka nedir?
  Tulis puisi tentang laut.
  Apa ibu kota Prancis?
  Jelaskan apa itu fotosintesis.
  Viết một bài thơ về mùa thu.
  Thủ đô của Pháp là gì?
  Giải thích quang hợp là gì.
  เขียนบทกวีเกี่ยวกับทะเล
  เมืองหลวงของฝรั่งเศสคืออะไร
  اكتب قصيدة عن البحر
  ما هي عاصمة فرنسا؟
  اشرح لي ما هو التمثيل الضوئي
  כתוב שיר על הים
  מהי בירת צרפת?
  Γράψε ένα ποίημα για τη θάλασσα.
  Ποια είναι η πρωτεύουσα της Γαλλίας;
  समुद्र पर एक कविता लिखो
  फ्रांस की राजधानी क्या है?
  Напиши рассказ о собаке.
  Объясни, что такое инфляция.
  Придумай название для кафе
  Реши уравнение: 3x + 5 = 20
  Помоги мне подготовиться к собеседованию
  Напиши вірш про осінь.
  Яка столиця Франції?
  Schreibe eine Geschichte über {D}.
  Schreib mir einen Brief an das Finanzamt
  Erstelle einen Trainingsplan für vier Wochen.
  Wie funktioniert ein Kühlschrank?
  Warum ist der Himmel blau?
  Nenne fünf Ideen für {D}.
  Verbessere diesen Text: {D}
  Berechne die Fläche eines Kreises mit dem Radius 4.
  Plane eine Reise nach Wien
  Écris une histoire sur {D}.
  Rédige une lettre de motivation pour un poste de vendeur.
  Pourquoi le ciel est-il bleu ?
  Comment fonctionne un moteur ?
  Propose cinq idées de {D}
  Corrige les fautes de ce texte : {D}
  Calcule l'aire d'un cercle de rayon 4.
  Planifie un voyage à Vienne
  Escribe una historia sobre {D}.
  ¿Por qué el cielo es azul?
  ¿Cómo funciona un motor?
  Redacta una carta de presentación
  Propón cinco ideas para {D}
  Corrige la gramática de este texto: {D}
  Calcula el área de un círculo de radio 4.
  Escreva uma história sobre {D}.
  Por que o céu é azul?
  Como funciona um motor?
  Crie um plano de treino
  Sugira cinco ideias de presentes
  Scrivi una storia su {D}.
  Perché il cielo è blu?
  Come funziona un motore?
  Prepara un programma di allenamento
  Schrijf een verhaal over {D}.
  Waarom is de lucht blauw?
  Maak een lijst met vijf ideeën voor {D}
`);

// ---- for all classes ----

// Who is spoken to says little about the work, so all classes get any of them.
export const roles = list(`
  a data scientist
  an experienced editor
  a skilled linguist
  a teacher
  a professional writer
  a language expert
  a research assistant
  a lawyer
  a journalist
  a doctor
  a marketing specialist
  a critic
  a helpful assistant
  a project manager
  a historian
  a customer support agent
  an analyst
  a software engineer
`);
export const casts = ["As {r}, ", "As {r}, please ", "Act as {r}. ", "Acting as {r}, ", "In the role of {r}, ", "In your role as {r}, ", "You are {r}. ", "Assuming the role of {r}, ", "Taking on the role of {r}, ", "In the capacity of {r}, ", "Imagine you are {r}. ", "With your experience as {r}, ", "I want you to act as {r}. "];
// What stands around the text in evaluations and templates, whatever is to be done with it.
export const frames = [["\nQuestion:", "\nAnswer:"], ["\nQuestion: ", "\nAnswer:"], ["\n\nQuestion: ", "\nAnswer: "], ["\nInput: ", "\nOutput:"], ["\nInput:\n", "\n\nOutput:\n"], ["\n### Input:\n", "\n\n### Response:\n"], ["\n\nText: ", "\n\nAnswer:"],
  ["\n<input>", "</input>"], ["\n---\n", "\n---"], ["\n\"\"\"\n", "\n\"\"\""], ["\nQ: ", "\nA:"], ["\nContent: ", "\nResult:"], ["\nContext: ", "\nAnswer:"], ["\nSource: ", "\nTarget:"], [" Question: ", " Answer:"], ["\nExample: ", ""], [" [", "]"], ["\n\n", "\n\nResponse:"]];

// Things of a programmer's day.
export const gear = list(`
  a Kubernetes deployment
  a Docker container
  a Docker Compose file
  a Terraform module
  an Ansible playbook
  a systemd service
  an nginx reverse proxy
  a Jenkins pipeline
  a GitHub Actions workflow
  a GitLab runner
  a Helm chart
  an AWS Lambda function
  an S3 bucket policy
  a PyTorch model
  a TensorFlow layer
  a NumPy array
  a pandas dataframe
  a Jupyter notebook
  an OpenCV filter
  a CUDA kernel
  a React component
  a React hook
  a Vue component
  an Angular service
  a Svelte store
  a SwiftUI view
  a Flutter widget
  an Android activity
  a Chrome extension
  a Discord bot
  a Telegram bot
  a WordPress plugin
  a Unity script
  a Godot scene
  a GLSL shader
  an Arduino sketch
  an ESP32 firmware
  a Verilog module
  a Qt window
  a tkinter window
  a Spring Boot controller
  a Spring Security filter
  a Django view
  a Flask route
  an Express server
  a FastAPI endpoint
  a GraphQL resolver
  a REST API
  a WebSocket server
  an OAuth login
  a JWT token
  a PostgreSQL index
  a MySQL trigger
  a stored procedure
  a SQL join
  a MongoDB aggregation
  a Redis cache
  a Kafka consumer
  an Elasticsearch query
  a SQLite database
  a makefile
  a CMake project
  a Gradle build
  an npm package
  a webpack config
  a bash script
  a PowerShell script
  a cron job
  a git repository
  a git branch
  an ssh tunnel
  a Linux kernel module
  a thread pool
  a mutex
  a linked list
  a hash map
  a binary tree
  a struct
  a template class
  a lambda function
  an iterator
  a recursive function
  an async function
  a promise
  a pointer
  a regex
  a VBA macro
  a Google Apps Script
  an Excel formula
  a LaTeX document
  a CSS grid
  a JSON parser
  an XML file
  a YAML config
  a web scraper
  a unit test
  a Selenium test
  a neural network
  a GUI application
  a command line tool
  a login page
  a landing page in HTML
  a todo app
  a snake game
  a chess engine
`);
export const gearPhrases = `
How do I set up {S}?
How do I configure {S} for {S}?
How do I debug {S}?
How do I deploy {S} with {S}?
How can I test {S}?
How can I speed up {S}?
how to use {S} in {P}
how do i connect {S} to {S}
how to install and run {S}
create {S} via {S}
create {S}
make me {S}
build {S}
Create {S} that can {G}.
Build {S} in {P}
Write {S} that can {G}
Write {S} for {S}.
Write me {S} in {P}, with comments.
I want {S}. The user should be able to {G}.
I want to create {S} that shows {D}. Use {P}.
I need {S} to {G}
I have {S} and want to {G}. How do I do that?
I have {S} that does not work with {S}. What am I doing wrong?
I'm working on {S} and I get an error: permission denied
I'm getting this error when I run {S}: exit code 1
help me with {S}. i want to use different settings for {S}
Help me write {S}
Help me fix {S}
Give me {S} which is able to {G}
Show me {S}, with an explanation of each line
Show me an example of {S} in {P}
Implement {S} in {P}
Implement {S}
Design {S} that handles a million users
Generate {S}
Refactor {S} so that it can {G}
Convert {S} to {P}
Migrate {S} to {S}
Explain {S} with code
Explain how {S} works internally
What is the simplest way to {G} with {S}?
What is the fastest way, in {P}, to {G}?
What is the best way to structure {S}?
What is wrong with {S}?
What's the difference between {S} and {S}?
Why is {S} slow?
Why does {S} throw an exception?
Is there a way to {G} in {P} without {S}?
Can you make {S} that can {G}?
Can you improve the performance of {S}?
Please use {P} to {G}.
Please write {S} using only the standard library.
Solve the task using {P}: {G}
Solve this problem in {P}.\n\n{M}
SOLVE THIS IN {P}: {M}
Write a {P} program that solves the following problem and reads the input from a file.\n\n{M}
Given {S}, {G}
Given a string s, {G}. Input: the first line contains n. Output: print the answer.
You are given an array of n integers. Output the smallest number of steps. The first line of the input contains n and k.
You are an expert {P} developer. I need {S} to {G}.
You are a senior engineer. Review {S}.
As a software engineer, design {S}.
Act as a Linux system administrator. Set up {S}.
Act as a {P} expert. How would you {G}?
Provide the complete code of {S}
Provide a step by step guide to deploy {S}
Add dark mode to {S}
Add logging to {S}
unity: {S} that follows the player
{P}: {G}
{P} code for {S}
{P} - how to {G}
{S} in {P}
warning: unused variable in {S}. How do I get rid of it?
what does this do:\n{K}
how do i implement this:\n{K}
my code: {K} it prints nothing
can you check {K}
{K}\n\nI get an exception in the second line.
{K}\n\nmake it faster
{K}\n\nHow do I write a test for this?
The team needs {S} on the server, but the push is rejected. What should they do?
A company runs {S} behind {S}. How should the architect change it?
There is a dropdown menu in {S}. When the user types, it should {G}.
Find the nth element of the sequence in {P}.
Write pseudocode to {G}.
Create flowchart and pseudocode to {G}
Complete the following method so that it can {G}.\n\n{K}
from typing import List\n\n\ndef solve(numbers: List[int]) -> int:\n    """ {G} """
`;
// Maths and puzzles with signs in them, which are no programs.
export const signs = `
Let $f(x) = x^2 + 3x$. Find $f'(2)$.
Let $G$ be a group of order $p^2$. Prove that $G$ is abelian.
Prove that $\\sum_{i=1}^{m} i = \\frac{m(m+1)}{2}$ for all $m \\geq 1$.
Compute $\\int_0^1 x^2 e^x \\, dx$.
Evaluate \\( \\lim_{x \\to 0} \\frac{\\sin x}{x} \\).
Find all real solutions of $x^4 - 5x^2 + 4 = 0$.
Solve the differential equation $y'' + 4y = \\cos(t)$, $y(0) = 1$.
What is the probability that $X_1 + X_2 > 1$ if both are uniform on $[0,1]$?
Suppose $A \\in \\mathbb{R}^{n \\times n}$ is symmetric. Show that its eigenvalues are real.
Calculate the determinant of [[1, 2], [3, 4]].
If a_n = 2a_{n-1} + 1 and a_0 = 0, what is a_10?
Let S = {1, 2, ..., 100}. How many subsets of S have an even sum?
Simplify (x^2 - 9)/(x - 3).
A particle moves with v(t) = 3t^2 - 2t m/s. How far is it after 4 s?
For which values of k does the system {x + y = 2, kx - y = 1} have no solution?
Show that if $\\gcd(a,b)=1$ then $\\gcd(a^2,b^2)=1$.
Let M be a manifold and X a vector field on it. What is the flow of X?
Find the inverse Laplace transform of F(s) = 1/(s^2+1).
Derive the formula of the energy levels, E_n = -13.6 eV / n^2.
Consider the function $g: \\mathbb{R} \\to \\mathbb{R}$, $g(x) = |x|$. Is it differentiable at $0$?
Given P(A) = 0.3 and P(B|A) = 0.5, find P(A and B).
An urn has {N} red balls and 5 blue ones. What is the expected number of draws?
`;
// More that is answered or written freely and looks like something else.
export const freely = `
Write the first chapter of a fantasy novel about {D}. The narrator is a thief.
Write a scene in which two enemies meet at {D}. Use dialogue, and end with a twist.
Write a rap battle between {D} and {D}
Write a monologue of a villain who loves {D}
Write a parody of a famous speech about {D}
Write a review of {D} in the style of Hemingway.
Write a detailed character sheet for a role-playing game, a vampire who loves {D}
Write fan fiction about {D}
Write a movie script about {D}
Write a script for a video about {D}
A script of {D} meeting {D} in a boxing match
A script idea about {D}, with a protagonist from an anime
A dialogue of {D} and {D}
A story in which {D} wins
A poem, please, about {D}
Script: {D} goes to the moon. Make it funny.
What is wrong with this script? Roast it.\n{T}
Give me an example of how to compute the distance between two distributions
Describe the function of {D}
Explain the metrics for {D}
Explain how the quality of machine translation is measured
Explain how text classification works
Write the user manual of an application for {D}
Write a lyric for {D} "{D}"
Write a blog post for our clinic about {D}. Keep it friendly and mention our address. Use headings.
Write SEO texts about {D}: a title, a meta description and five keywords.
Write a report on {D} with an introduction, three sections and a conclusion.
Write a cold email to sell {D}
Write a template for a report about {D}
Write a job ad for {D}
Write the minutes template for a meeting about {D}
Continue the story. {T}
Rewrite this in the style of Shakespeare: {T}
Rewrite the text so that it sounds human.\n\n{T}
Make this sound better: {T}
Fix my English: {T}
Turn these notes into an email.\n{T}
Turn the bullet points into a paragraph:\n- {T}\n- {T}
Turn this into a table: {T}
Expand the following into a full article: {T}
Write a response to this review: {T}
Write three comments on this post: {T}
Give feedback on my essay. {T}
What is your opinion of this text? {T}
Please critique this plan: {T}
Extract the name, the date and the amount from this mail as JSON.\n{T}
Extract every company from the article and list it with its country.\n\n{T}
List all the places that the text mentions. {T}
From this transcript, list who said what. {T}
Who is the text about? {T}
When did the events in the text happen? {T}
What does the author say about money? {T}
Read this and ask me three questions about it. {T}
Which of these would you buy, {D} or {D}?
Is {D} better than {D}?
Who would win, {D} or {D}?
Is it ethical to spend money on {D}?
Is it true that {D} is good for you?
Are there any risks of {D}?
Could {D} have been avoided?
Which is more important, {D} or {D}? Explain.
Choose a name for my cat.
Pick a colour for the kitchen and tell me why.
How can I tell if a melon is ripe?
How can you tell whether someone lies?
How would you describe the taste of {D}?
Rate my idea: {D}
Identify three causes of {D} and explain each.
Identify the main themes of a novel about {D}.
Evaluate the role of {D} in the last century.
Assess the impact of {D} on the economy.
Analyze the use of symbols in a poem about {D}
Determine the number of litres needed to fill the pool.
Estimate how many piano tuners live in Chicago.
Estimate the cost of {D}.
Sort these numbers from small to large: 4, 1, 9, 3
Put these events in order: {D}, {D}, {D}
Rank these by size: {D}, {D}, {D}
Group these items by how you would use them: {D}, {D}, {D}
Give me a quick overview of {D}
Give me a rundown of the history of {D}
Give a short introduction to {D}
Outline a talk on {D}
Outline a plan to learn {D} in {N} weeks
Explain in a few sentences what {D} is
In short, what is {D}?
What are the main points in favour of {D}?
What are the key facts about {D}?
Help me prepare a Dungeons and Dragons session about {D}
Help me figure out how to build {D} at home
Create a 10 question quiz about {D}
Create a workout for {N} days
Create a game with cards about {D}
Design a course on {D}
Design an experiment about {D}
Design a circuit that limits the current to 200 mA
Propose a business plan for {D}
Plan a lesson on {D}, with a table of times
Plan the menu of a wedding with {N} courses
Simulate a battle between {D} and {D}
Let us play a text adventure. I am in a dark room.
You are a game master. Describe the world and wait for my move.
You are a superforecaster. What is the chance that {D} happens?
You are a military engineer. Write a procedure for cleaning tires.
You are an expert in history. Before you answer, think step by step. {Q}
Before answering the following question, list what you know. {Q}
How do I get a stain of {D} out of a shirt?
How do I grow tomatoes on a balcony?
How should a pilot react when an engine fails?
How did {D} change the world?
How many people live in the capital of Norway?
If you could change one thing about {D}, what would it be?
What if {D} had never existed?
What's the meaning of life?
What does it mean to be free?
What does "break a leg" mean?
What does GDP stand for?
What does the word {D} make you think of?
How do I say no politely?
How do I say goodbye to a colleague?
Turn the light off
turn up the volume
set a timer for ten minutes
remind me to call my mother
what time is it in tokyo
what's the weather like tomorrow
add milk to my shopping list
play some jazz
call me a taxi
what is my balance
transfer 50 dollars to my savings account
change the language to {L}
switch to {L}
can you speak {L}
do you speak {L}
I'm learning {L}, give me some exercises
Teach me some {L} grammar
Write the letter in {L}. It is about {D}.
Tell me about {L} food
not ( True and False ) or True is
True or not False and ( False ) is
( 3 + 4 ) * 2 =
not not True and False is
is my card ready
is my order on its way
is there enough money in my account for dinner
do i have a good credit score
do you know if i can pay with my phone
does my car need new tires
does it rain in {O} in may
can i still change my order, or is it too late
can i take a knife on a plane or not
are you a real person or a machine
is there a way to raise my limit
is {D} allowed in {O}
will it snow tomorrow
should i pay now or later
In the sentence, who does "she" refer to? Options:\n(A) the nurse\n(B) the patient\n(C) ambiguous
Who is meant by "they" in the following sentence? (A) the cook (B) the guest. {T}
Q: {Q}\n\nRead this paragraph and choose the correct answer.\n\n{T}\n\nChoices:\n- {D}\n- {D}\n- {D}\nA:
Answer the following question given this paragraph:\n\n{T}\n\nQ: {Q}\nA:
Question: "{Q}"\n\nContext: "{T}"\n\nAnswer:
Extract the answer to the question from the following context.\nQuestion: {Q}\nContext: {T}
The following article contains the answer to this question: {Q}\n{T}
What is the answer to the question: {Q}\n{T}
Put these words together in one sentence: {D}, {D}, {D}
Write a question to which the answer is "{D}".
`;
// How people ask an assistant for a word, with nothing that says "translate".
export const sayings = `
how do you say {d} in {L}
how do you say {d} in {L}
how do i say {d} in {L}
how would you say {d} if you were {L}
how would i say {d} in {L}
how is {d} said in {L}
how do they say {d} in {O}
how do they say {d} in {O}
how do people in {O} say {d}
how does one say {d} in {L}
what do i say for {d} in {O}
what do they call {d} in {O}
what is {L} for {d}
what's {L} for {d}
what {L} word means {d}
what phrase means {d} in {O}
what words would i use to say {d} in {L}
what is the {L} expression for {d}
tell me how to say {d} in {L}
tell me how people in {O} say {d}
can you tell me how to say {d} in {L}
i want to say {d} in {L}
i need to know the {L} word for {d}
i'm in {O} and want to say {d}
the {L} word for {d}, please
say {d} in {L}
`;
export const countries = words("France Spain Italy Japan Korea China Brazil Portugal Germany Mexico Russia Greece Turkey Hawaii Poland Sweden Vietnam Egypt Israel India");
// Judgements about a text that do not say "classify".
export const judgements = `
Analyze the tone of this statement and respond with either {C}: {T}
Assess the following sentence and determine if it is grammatically correct. Respond with 'Acceptable' or 'Unacceptable': {T}
Is this sentence grammatically correct? Answer correct or incorrect. {T}
Examine the sentence and decide whether its grammar is right or wrong: {T}
Judge the grammar of the sentence as acceptable or not acceptable.\n{T}
Review the sentence below and say if it is {C}.\n{T}
Evaluate the linguistic acceptability of the sentence, {C}: {T}
Does the sentence follow the rules of English? yes/no\n{T}
Given the question and the context, can the answer be found in it? Reply with {C}.\nQuestion: {Q} Context: {T}
Does the passage contain the answer to the question? Answer 'yes' or 'no'.\nQuestion: {Q}\nPassage: {T}
Based on the information in the context, decide if the answer to the question is given by choosing {C}. Question: {Q} Context: {T}
Determine if the answer can be inferred from the context: {C}. Question: {Q} Context: {T}
Considering the question and context, can the answer be deduced? Respond with {C}.\n{Q} {T}
Can these statements be considered equal in meaning? Answer {C}. {T} {T}
Are the following two questions equivalent or not? Answer me with "equivalent" or "not equivalent". {Q} {Q}
Do the two sentences say the same? Choose 'same' or 'different'. {T} {T}
Compare the two texts and state if they are {C}.\n{T}\n{T}
Identify the relationship between the two sentences: {C}. {T} {T}
What is the relationship between the premise and the hypothesis, {C}?\nPremise: {T}\nHypothesis: {T}
Does the relationship between the sentences represent {C}? {T} {T}
Examine the pair and choose the label ({C}): {T} {T}
Read both and indicate whether the second follows from the first. Reply with {C}.\n{T}\n{T}
Assess the connection between these sentences and label it as {C}. {T} {T}
Given the statement, how would you describe its tone? Say {C} only. {T}
Rate this comment as {C}. {T}
Score the sentiment, from 1 to 5. Output only the number. {T}
Give the sentiment of this tweet, one word: {T}
Respond with {C} depending on the mood of the text. {T}
Answer with {C} only: is the speaker happy? {T}
Reply {C}: {T}
{T}\n\nAnswer with {C}.
{T}\n\nRespond with {C} only.
{T}\nOutput one of: {C}.
{T}\n\nChoose one: {C}
Select the class of the message. Do not explain. {C}\n\n{T}
Choose between {C} for this text: {T}
From the list [{C}] pick what describes the message best: {T}
Which of the following intents does the message have? {C}\n{T}
Which department is responsible for this request: {C}? {T}
Which genre does this text belong to: {C}? {T}
Which language is this? {T}
What language is the following text written in? {T}
What kind of email is this, {C}? {T}
What emotion does the writer show? Pick one of {C}. {T}
Would you say this review is {C}? {T}
Should this comment be removed? Answer {C}. {T}
Flag this message if it contains an insult: answer {C}. {T}
Moderate this comment. Output {C}.\n{T}
Is this news real or fake? {T}
Examine if the given context implies the answer to the question and give your decision as {C}. Question: {Q} Context: {T}
Examine whether the context justifies the answer to the question: {C}.\nQuestion: {Q} Context: {T}
Assess if the answer to the question can be derived from the context by selecting {C}.\nQuestion: {Q} Context: {T}
Verify if the context supports the answer, reply {C}. Question: {Q} Context: {T}
Is the claim supported by the evidence? Claim: {T} Evidence: {T} Answer {C}.
Is this a bug report or a feature request? {T}
Is the customer angry? {T}
Is the tone of the message {C}? {T}
Is the following sentence sarcastic? {T}
Triage this ticket: {C}. {T}
Route the following mail to {C}: {T}
Group each of these under {C}:\n- {T}\n- {T}
Label each line with {C}.\n{T}\n{T}
For each of the messages, output its category ({C}).\n1. {T}\n2. {T}
Identify if the transaction is {C}: {T}
Classify these animals as {C}: {D}, {D}
Classify the following items into {C}.\n{D}, {D}, {D}
Categorize these words as {C}: {D}, {D}
Extract the sentiment of the following review. {T}
Return the category of the product as JSON, {"category": ...}. {T}
Return JSON with the keys "sentiment" and "confidence" for this text. {T}
`;
